"use client";

import { useRouter } from "next/navigation";
import { startTransition } from "react";

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <main>
      <h1>This page could not be made</h1>
      <p>The API gave no answer, or one that was not expected. The log of this server has more.</p>
      {error.digest && <p>Reference: {error.digest}</p>}
      <button onClick={retry}>Try again</button>
    </main>
  );
}
