import "server-only";

import { refresh, revalidatePath, updateTag } from "next/cache";

import type { Kind, Problem } from "./types";

export const tag = { members: "members" } as const;

/**
 * After an action has changed rows: no page that shows them may be served from a cache, neither the server's nor the
 * browser's. A delete or a restore follows foreign keys, so that its answer tells which kinds it has changed.
 */
export function revalidate(kinds: Iterable<Kind>): void {
  for (const kind of new Set(kinds)) {
    for (const page of pagesWith[kind]) page();
    if (kind === "member") updateTag(tag.members);
  }
  revalidatePath("/trash");
  refresh();
}

/** Whoever sees a problem because the row has changed, or is gone, shall see the row as it is now, too. */
export function changed(type: Kind, problem: Problem): { ok: false; problem: Problem } {
  if ([404, 410, 412].includes(problem.status)) revalidate([type]);
  return { ok: false, problem };
}

const projects = () => revalidatePath("/projects");
const eachProject = () => revalidatePath("/(signed-in)/projects/[id]", "page");
const members = () => revalidatePath("/members");

const pagesWith: Record<Kind, readonly (() => void)[]> = {
  workspace: [projects, eachProject, members],
  project: [projects, eachProject],
  task: [eachProject],
  comment: [eachProject],
  member: [members, eachProject],
};
