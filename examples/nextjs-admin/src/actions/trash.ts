"use server";

import { api, result } from "@/api/client";
import { at } from "@/api/resources";
import { changed, revalidate } from "@/api/revalidate";
import type { Deletion, DeletePlan, Kind, OnConflict, Restoration, RestorePlan, Result, Target } from "@/api/types";

export async function planDelete(type: Kind, id: number): Promise<Result<DeletePlan>> {
  return result((await api()).GET(`${at(type)}/delete-plan`, { params: { path: { id } } }));
}

export async function planRestore(type: Kind, id: number): Promise<Result<RestorePlan>> {
  return result((await api()).GET(`${at(type)}/restore-plan`, { params: { path: { id } } }));
}

/** Deletes the row if it still is as the user has seen it. */
export async function deleteRow({ type, id, etag }: Target, reason?: string): Promise<Result<Deletion>> {
  const remove = (await api()).DELETE(at(type), {
    params: {
      path: { id },
      query: { reason: reason || undefined },
      header: { "If-Match": etag, Prefer: "return=representation" },
    },
  });
  const deletion = await result<Deletion>(remove);
  if (!deletion.ok) return changed(type, deletion.problem);
  revalidate([type, ...deletion.value.rows.map((row) => row.type)]);
  return deletion;
}

/** Takes a deletion back. Members may do that with their own ones. */
export async function undoDeletion(deletion: string, type: Kind): Promise<Result<Restoration>> {
  const undo = (await api()).POST("/api/v1/trash/{deletion}/undo", { params: { path: { deletion } } });
  return restored(type, await result(undo));
}

export type RestoreOptions = { on_conflict?: OnConflict; with_parents?: boolean; etag?: string };

/** Restores a row and what its deletion took along; what stands in the way is told, and can be decided on. */
export async function restoreRow(
  type: Kind,
  id: number,
  { etag, ...body }: RestoreOptions,
): Promise<Result<Restoration>> {
  const restore = (await api()).POST(`${at(type)}/restore`, {
    params: { path: { id }, header: { "If-Match": etag } },
    body,
  });
  return restored(type, await result<Restoration | undefined>(restore));
}

/** Removes for good what a deletion took. */
export async function purgeDeletion(deletion: string, type: Kind): Promise<Result<undefined>> {
  const purge = (await api()).DELETE("/api/v1/trash/{deletion}", { params: { path: { deletion } } });
  const purged = await result<undefined>(purge);
  if (!purged.ok) return changed(type, purged.problem);
  revalidate([type]);
  return purged;
}

function restored(type: Kind, restoration: Result<Restoration | undefined>): Result<Restoration> {
  if (!restoration.ok) return changed(type, restoration.problem);
  // 204: someone else was faster, and it is active already.
  const value = restoration.value ?? { rows: [], kept: [], skipped: [], replaced: [] };
  const replaced = value.replaced.flatMap(({ rows }) => rows);
  revalidate([type, ...[...value.rows, ...replaced].map((row) => row.type)]);
  return { ok: true, value };
}
