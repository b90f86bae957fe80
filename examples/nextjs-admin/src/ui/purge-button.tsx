"use client";

import { type FormEvent, useState, useTransition } from "react";

import { purgeDeletion } from "@/actions/trash";
import { Dialog } from "./dialog";
import { useHide } from "./deletable";
import { answer, type Restorable, useTrash } from "./trash-provider";

/** Removes for good what a deletion took. Nothing undoes that, so that there is one more word to it. */
export function PurgeButton({ target, deletion }: { target: Restorable; deletion: string }) {
  const { say, report } = useTrash();
  const hide = useHide();
  const [open, setOpen] = useState(false);
  const [pending, startTransition] = useTransition();

  function confirm(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setOpen(false);
    startTransition(async () => {
      hide();
      const purged = await answer(purgeDeletion(deletion, target.type));
      if (purged.ok) say({ text: `“${target.title}” is removed for good.` });
      else report(purged.problem);
    });
  }

  return (
    <>
      <button className="danger" aria-label={`Delete ${target.title} for good`} onClick={() => setOpen(true)} disabled={pending}>
        Delete for good
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Delete “${target.title}” for good?`}>
        <form onSubmit={confirm}>
          <p>It and all that was deleted along with it will be gone. This can’t be undone.</p>
          <div className="buttons">
            <button type="button" className="quiet" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button className="danger">Delete for good</button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
