"use client";

import { type FormEvent, type ReactNode, useState, useTransition } from "react";

import type { Problem, Result } from "@/api/types";
import { Dialog } from "./dialog";
import { ProblemContext } from "./field";
import { answer, useTrash } from "./trash-provider";

type Props = {
  button: string;
  /** The button's name for screen readers, where there is one per row. */
  label?: string;
  title: string;
  action: (form: FormData) => Promise<Result<undefined>>;
  /** What the row is by now, for who is told that it has changed meanwhile. */
  current?: string;
  /** The fields. */
  children: ReactNode;
};

/** A form in a dialog. What the API says against a value is shown beside its field, and the input is kept. */
export function FormDialog({ button, label, title, action, current, children }: Props) {
  const { report } = useTrash();
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [pending, startTransition] = useTransition();

  function show() {
    setProblem(undefined);
    setOpen(true);
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    startTransition(async () => {
      const saved = await answer(action(form));
      const gone = !saved.ok && [404, 410].includes(saved.problem.status);
      if (gone) report(saved.problem);
      if (saved.ok || gone) setOpen(false);
      else setProblem(saved.problem);
    });
  }

  return (
    <>
      <button aria-label={label} onClick={show}>
        {button}
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title={title}>
        <form onSubmit={submit}>
          <ProblemContext value={problem}>{children}</ProblemContext>
          {problem && <p role="alert">{inWords(problem, current)}</p>}
          <div className="buttons">
            <button type="button" className="quiet" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button disabled={pending}>Save</button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

function inWords({ status, title, detail }: Problem, current = "as on the page"): string {
  if (status === 412) return `Changed meanwhile, reloaded. It is now: ${current}. Save again to write yours over it.`;
  return `${title}. ${detail}`;
}
