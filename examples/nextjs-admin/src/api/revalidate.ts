import "server-only";

import { refresh, revalidatePath, updateTag } from "next/cache";

import type { Kind } from "./types";

export const tag = { members: "members" } as const;

/**
 * After an action has changed rows: no page that shows them may be served from a cache, neither the server's nor the
 * browser's. A delete or a restore follows foreign keys, so that its answer tells which kinds it has changed.
 */
export function revalidate(kinds: Iterable<Kind>): void {
  for (const kind of new Set(kinds)) {
    for (const path of pagesWith[kind]) revalidatePath(path, "page");
    if (kind === "member") updateTag(tag.members);
  }
  revalidatePath("/trash");
  refresh();
}

const pagesWith: Record<Kind, readonly string[]> = {
  workspace: ["/projects", "/projects/[id]", "/members"],
  project: ["/projects", "/projects/[id]"],
  task: ["/projects/[id]"],
  comment: ["/projects/[id]"],
  member: ["/members", "/projects/[id]"],
};
