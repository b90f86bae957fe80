"use client";

import { type FormEvent, useState, useTransition } from "react";

import { planDelete } from "@/actions/trash";
import { countsInWords } from "@/api/resources";
import type { DeletePlan, Result, Target } from "@/api/types";
import { useHide } from "./deletable";
import { Dialog } from "./dialog";
import { answer, useTrash } from "./trash-provider";

/** Deletes a row, once the user has seen what that takes along or what forbids it. */
export function DeleteButton({ target }: { target: Target }) {
  const { remove, pending } = useTrash();
  const hide = useHide();
  const [open, setOpen] = useState(false);
  const [plan, setPlan] = useState<Result<DeletePlan>>();
  const [, startTransition] = useTransition();
  const allowed = plan?.ok && plan.value.allowed;

  function ask() {
    setPlan(undefined);
    setOpen(true);
    startTransition(async () => setPlan(await answer(planDelete(target.type, target.id))));
  }

  function confirm(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!allowed || pending) return;
    const reason = String(new FormData(event.currentTarget).get("reason"));
    setOpen(false);
    remove(target, reason, hide);
  }

  return (
    <>
      <button className="danger" aria-label={`Delete ${target.title}`} onClick={ask}>
        Delete
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Delete “${target.title}”?`}>
        <form onSubmit={confirm}>
          <div aria-live="polite">{plan ? <Plan plan={plan} /> : <p>Looking what that takes along …</p>}</div>
          {allowed !== false && (
            <label>
              Reason (optional)
              <input name="reason" maxLength={200} autoComplete="off" />
            </label>
          )}
          <div className="buttons">
            <button type="button" className="quiet" onClick={() => setOpen(false)}>
              Cancel
            </button>
            {allowed !== false && (
              <button className="danger" disabled={!allowed}>
                Delete
              </button>
            )}
          </div>
        </form>
      </Dialog>
    </>
  );
}

function Plan({ plan }: { plan: Result<DeletePlan> }) {
  if (!plan.ok) return <p role="alert">{`${plan.problem.title}. ${plan.problem.detail}`}</p>;
  const { allowed, rows, set_null, blockers } = plan.value;
  if (!allowed) {
    return (
      <>
        <p>It can’t be deleted as long as these refer to it:</p>
        <ul>
          {blockers.map(({ type, relation, rows, ids }) => (
            <li key={`${type} ${relation}`}>
              {countsInWords([{ type, rows }])} as “{relation}”: no. {ids.join(", ")}
              {rows > ids.length && " …"}
            </li>
          ))}
        </ul>
      </>
    );
  }
  return (
    <>
      <p>Into the trash: {countsInWords(rows)}.</p>
      {set_null.length > 0 && <p>Lose their reference to it: {countsInWords(set_null)}.</p>}
    </>
  );
}
