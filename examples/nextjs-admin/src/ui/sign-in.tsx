"use client";

import { useActionState } from "react";

import { signIn } from "@/actions/session";

/** Works without JavaScript, too. */
export function SignIn() {
  const [problem, action, pending] = useActionState(signIn, undefined);
  return (
    <form action={action}>
      <label>
        API token
        <input
          type="password"
          name="token"
          required
          autoFocus
          autoComplete="off"
          aria-describedby="about-token"
          aria-invalid={problem ? true : undefined}
        />
      </label>
      <p id="about-token" role="alert" className="error">
        {problem}
      </p>
      <button disabled={pending}>Sign in</button>
    </form>
  );
}
