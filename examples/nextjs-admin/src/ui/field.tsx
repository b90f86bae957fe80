"use client";

import { createContext, type ComponentProps, type ReactNode, useContext, useId } from "react";

import type { Problem } from "@/api/types";

/** The problem that the form around a field has. */
export const ProblemContext = createContext<Problem | undefined>(undefined);

type Props = { label: string; name: string; hint?: ReactNode } & Omit<ComponentProps<"input">, "name">;

/** A labelled input with what the API says against its value. */
export function Field({ label, name, hint, ...input }: Props) {
  const problem = useContext(ProblemContext);
  const error = problem?.errors?.find(({ pointer }) => pointer === `/${name}`);
  const about = useId();
  return (
    <label>
      {label}
      <input name={name} aria-describedby={about} aria-invalid={error ? true : undefined} {...input} />
      <small id={about} className={error ? "error" : undefined}>
        {error?.detail ?? hint}
      </small>
    </label>
  );
}
