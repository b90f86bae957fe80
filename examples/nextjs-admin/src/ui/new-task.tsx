"use client";

import { type FormEvent, useTransition } from "react";

import { createTask } from "@/actions/rows";
import { answer, useTrash } from "./trash-provider";

export function NewTask({ project }: { project: number }) {
  const { report } = useTrash();
  const [pending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const input = new FormData(form);
    startTransition(async () => {
      const created = await answer(createTask(input));
      if (created.ok) form.reset();
      else report(created.problem);
    });
  }

  return (
    <form className="inline" onSubmit={submit}>
      <input type="hidden" name="project_id" value={project} />
      <label>
        New task
        <input name="title" required maxLength={200} autoComplete="off" />
      </label>
      <button disabled={pending}>Add</button>
    </form>
  );
}
