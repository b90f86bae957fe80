"use client";

import { createContext, type ReactNode, useCallback, useContext, useState, useTransition } from "react";

import { deleteRow, restoreRow, type RestoreOptions, undoDeletion } from "@/actions/trash";
import { countsInWords } from "@/api/resources";
import type { Kind, Problem, Restoration, Result, Target } from "@/api/types";
import { ConflictDialog } from "./conflict-dialog";
import { type Notice, Toast } from "./toast";

/** A row to be restored, as far as a message needs it. */
export type Restorable = Pick<Target, "type" | "id" | "title">;

type Trash = {
  /** Hides the row at once, deletes it, and offers to undo that. */
  remove: (target: Target, reason: string, hide: () => void) => void;
  /** Restores the row, and asks what to do if something is in its way. */
  restore: (target: Restorable, options?: RestoreOptions) => void;
  /** Tells the user something. */
  say: (notice: Notice) => void;
  /** Tells the user what went wrong. */
  report: (problem: Problem) => void;
  pending: boolean;
};

const TrashContext = createContext<Trash | undefined>(undefined);

export function useTrash(): Trash {
  const trash = useContext(TrashContext);
  if (!trash) throw new Error("There is no TrashProvider around this component.");
  return trash;
}

/**
 * Deletes and restores for all components below: the toast and the dialog outlive the row they are about. Of the kinds that are
 * replaceable a restore may put other rows into the trash.
 */
export function TrashProvider({ replaceable, children }: { replaceable: Kind[]; children: ReactNode }) {
  const [notice, say] = useState<Notice>();
  const [conflict, setConflict] = useState<{ target: Restorable; problem: Problem; etag?: string }>();
  const [pending, startTransition] = useTransition();
  const dismiss = useCallback(() => say(undefined), []);
  const report = (problem: Problem) => say({ text: inWords(problem), problem: true });

  function remove(target: Target, reason: string, hide: () => void) {
    startTransition(async () => {
      hide();
      const deleted = await answer(deleteRow(target, reason));
      if (!deleted.ok) return report(deleted.problem);
      const { id: deletion, outcome, rows } = deleted.value;
      if (!deletion || outcome !== "deleted") return say({ text: `“${target.title}” was deleted already.` });
      const undo = () => startTransition(async () => settle(target, await answer(undoDeletion(deletion, target.type))));
      say({ text: `In the trash: “${target.title}” (${countsInWords(rows)}).`, action: { label: "Undo", run: undo } });
    });
  }

  function restore(target: Restorable, options: RestoreOptions = {}) {
    startTransition(async () => settle(target, await answer(restoreRow(target.type, target.id, options)), options.etag));
  }

  function settle(target: Restorable, restored: Result<Restoration>, etag?: string) {
    if (restored.ok) {
      setConflict(undefined);
      return say({ text: restoredInWords(target, restored.value) });
    }
    const { problem } = restored;
    if (!problem.conflicts?.length && !problem.parents?.length) {
      setConflict(undefined);
      return report(problem);
    }
    dismiss();
    setConflict({ target, problem, etag });
  }

  return (
    <TrashContext value={{ remove, restore, say, report, pending }}>
      {children}
      <ConflictDialog
        replaceable={replaceable}
        conflict={conflict}
        pending={pending}
        onChoose={(options) => conflict && restore(conflict.target, { ...options, etag: conflict.etag })}
        onClose={() => setConflict(undefined)}
      />
      <Toast notice={notice} onDismiss={dismiss} />
    </TrashContext>
  );
}

/**
 * What a server action answers; if the server itself is not there, that is a problem like any other. Whoever is not signed in
 * any more starts anew on the sign-in page.
 */
export async function answer<T>(action: Promise<Result<T>>): Promise<Result<T>> {
  try {
    const result = await action;
    if (!result.ok && result.problem.status === 401) {
      // A new document, so that nothing of what was seen stays in the browser's memory.
      // eslint-disable-next-line @next/next/no-location-assign-relative-destination
      window.location.assign("/login");
    }
    return result;
  } catch {
    const detail = "Whether anything was changed is not known. Reload the page, and try again.";
    return { ok: false, problem: { type: "about:blank", status: 503, title: "The server does not answer", detail } };
  }
}

function inWords({ status, title, detail, blockers = [] }: Problem): string {
  if (status === 412) return "Changed meanwhile, reloaded: this is how it is now. Look again.";
  if (status === 410) return "Deleted meanwhile, reloaded.";
  if (blockers.length > 0) return `${title}: ${countsInWords(blockers)}. ${detail}`;
  return `${title}. ${detail}`;
}

function restoredInWords({ title }: Restorable, { rows, kept, skipped, replaced }: Restoration): string {
  const taken = replaced.flatMap((deletion) => deletion.rows);
  return [
    rows.length > 0 ? `Restored: “${title}” (${countsInWords(rows)}).` : `“${title}” was not restored.`,
    kept.length > 0 && `Still in the trash, because of what it belongs to: ${countsInWords(kept)}.`,
    skipped.length > 0 && `Skipped, and still in the trash: ${countsInWords(skipped)}.`,
    taken.length > 0 && `Into the trash in exchange: ${countsInWords(taken)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}
