"use client";

import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { useEffect } from "react";

export function Navigation({ links }: { links: { href: string; text: string }[] }) {
  const path = usePathname();
  return (
    <nav aria-label="Pages">
      {links.map(({ href, text }) => (
        <Link key={href} href={href} prefetch={false} aria-current={path.startsWith(href) ? "page" : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}

/**
 * Going back shows a page as it was left, and a tab in the background stays as it is. Meanwhile others may have changed
 * rows, so that both are fetched anew.
 */
export function RefreshOnReturn() {
  const router = useRouter();
  useEffect(() => {
    // After the router has gone back itself.
    const wentBack = () => setTimeout(() => router.refresh());
    const cameBack = () => document.visibilityState === "visible" && router.refresh();
    window.addEventListener("popstate", wentBack);
    document.addEventListener("visibilitychange", cameBack);
    return () => {
      window.removeEventListener("popstate", wentBack);
      document.removeEventListener("visibilitychange", cameBack);
    };
  }, [router]);
  return null;
}
