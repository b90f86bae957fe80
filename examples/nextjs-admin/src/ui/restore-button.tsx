"use client";

import { type FormEvent, useState, useTransition } from "react";

import { planRestore } from "@/actions/trash";
import { countsInWords } from "@/api/resources";
import type { RestorePlan, Result } from "@/api/types";
import { Dialog } from "./dialog";
import { answer, type Restorable, useTrash } from "./trash-provider";

/** Restores a row, once the user has seen what comes back with it. */
export function RestoreButton({ target, etag }: { target: Restorable; etag?: string }) {
  const { restore, pending } = useTrash();
  const [open, setOpen] = useState(false);
  const [plan, setPlan] = useState<Result<RestorePlan>>();
  const [, startTransition] = useTransition();

  function ask() {
    setPlan(undefined);
    setOpen(true);
    startTransition(async () => setPlan(await answer(planRestore(target.type, target.id))));
  }

  function confirm(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setOpen(false);
    restore(target, { etag });
  }

  return (
    <>
      <button aria-label={`Restore ${target.title}`} onClick={ask} disabled={pending}>
        Restore
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Restore “${target.title}”?`}>
        <form onSubmit={confirm}>
          <div aria-live="polite">{plan ? <Plan plan={plan} /> : <p>Looking what comes back …</p>}</div>
          <div className="buttons">
            <button type="button" className="quiet" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button disabled={!plan?.ok}>Restore</button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

function Plan({ plan }: { plan: Result<RestorePlan> }) {
  if (!plan.ok) return <p role="alert">{`${plan.problem.title}. ${plan.problem.detail}`}</p>;
  const { allowed, rows, kept } = plan.value;
  return (
    <>
      {rows.length > 0 && <p>Comes back: {countsInWords(rows)}.</p>}
      {kept.length > 0 && <p>Stays in the trash, because of what it belongs to: {countsInWords(kept)}.</p>}
      {!allowed && <p>Something is in its way: you will be asked what to do.</p>}
    </>
  );
}
