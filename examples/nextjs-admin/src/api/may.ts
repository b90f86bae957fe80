import type { Kind, Me } from "./types";

// What to offer. The API checks each request itself, so that a mistake here shows a button too many, and no more.

export const mayCreate = ({ permissions }: Me, kind: Kind) => permissions.create.includes(kind);

export const mayEdit = ({ permissions }: Me, kind: Kind) => permissions.edit.includes(kind);

export function mayDelete({ id, permissions }: Me, kind: Kind, createdBy?: number | null): boolean {
  return permissions.delete.includes(kind) || (permissions.delete_own.includes(kind) && createdBy === id);
}
