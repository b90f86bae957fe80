import type { Metadata } from "next";

import { SignIn } from "@/ui/sign-in";

export const metadata: Metadata = { title: "Sign in" };

export default function Login() {
  return (
    <main className="narrow">
      <h1>Sign in</h1>
      <SignIn />
      {process.env.NODE_ENV === "development" && (
        <p>
          For a try: <code>cargo run -p axum-api</code> prints one token for each role when it starts.
        </p>
      )}
    </main>
  );
}
