import type { ReactNode } from "react";

import { signOut } from "@/actions/session";
import { me } from "@/api/readers";
import { Navigation, RefreshOnReturn } from "@/ui/navigation";
import { TrashProvider } from "@/ui/trash-provider";

export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const { name, role, permissions } = await me();
  const links = [
    { href: "/projects", text: "Projects" },
    { href: "/members", text: "Members" },
  ];
  if (permissions.see_trash) links.push({ href: "/trash", text: "Trash" });
  return (
    <>
      <a href="#content" className="skip">
        Skip to the content
      </a>
      <header>
        <Navigation links={links} />
        <form action={signOut}>
          <span>
            {name} <small>({role})</small>
          </span>
          <button className="quiet">Sign out</button>
        </form>
      </header>
      <TrashProvider replaceable={permissions.replace}>
        <main id="content">{children}</main>
      </TrashProvider>
      <RefreshOnReturn />
    </>
  );
}
