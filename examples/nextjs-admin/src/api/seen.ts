import "server-only";

import { api, result } from "./client";
import { at } from "./resources";
import { revalidate } from "./revalidate";
import type { Kind, Problem, Result, Target } from "./types";

/** The row's ETag, provided that the row is still as the user has seen it: lists have no ETags. */
export async function etagOf({ type, id, seen }: Omit<Target, "title">): Promise<Result<string>> {
  const answer = (await api()).GET(at(type), { params: { path: { id } } });
  const row = await result<{ updated_at: string }>(answer);
  if (!row.ok) return row;
  const etag = (await answer).response.headers.get("ETag");
  if (row.value.updated_at !== seen || !etag) return { ok: false, problem: changedMeanwhile };
  return { ok: true, value: etag };
}

export const changedMeanwhile: Problem = {
  type: "/problems/precondition-failed",
  status: 412,
  title: "Changed meanwhile",
  detail: "Someone else has changed it since this page was made.",
};

/** Whoever sees a problem because the row has changed, or is gone, shall see the row as it is now, too. */
export function changed(type: Kind, problem: Problem): { ok: false; problem: Problem } {
  if ([404, 410, 412].includes(problem.status)) revalidate([type]);
  return { ok: false, problem };
}
