"use client";

import Link from "next/link";
import type { FormEvent } from "react";

import type { RestoreOptions } from "@/actions/trash";
import { pageOf } from "@/api/resources";
import type { Kind, OnConflict, Problem } from "@/api/types";
import { Dialog } from "./dialog";
import type { Restorable } from "./trash-provider";

type Props = {
  replaceable: Kind[];
  conflict?: { target: Restorable; problem: Problem };
  pending: boolean;
  onChoose: (options: RestoreOptions) => void;
  onClose: () => void;
};

const choices: Record<OnConflict, string> = {
  skip: "Skip: leave in the trash what is in conflict, restore the rest.",
  replace: "Replace: put what has the value now into the trash.",
  rename: "Rename: restore it under another value.",
};

/** Asks what to do when a restore finds unique values taken or parents deleted. All it says is in the problem document. */
export function ConflictDialog({ replaceable, conflict, pending, onChoose, onClose }: Props) {
  const { conflicts = [], parents = [] } = conflict?.problem ?? {};
  const mayReplace = conflicts.every(({ type }) => replaceable.includes(type));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const choice = new FormData(event.currentTarget).get("on_conflict") as OnConflict | null;
    onChoose({ on_conflict: choice ?? undefined, with_parents: parents.length > 0 || undefined });
  }

  return (
    <Dialog open={conflict !== undefined} onClose={onClose} title={`Can't restore “${conflict?.target.title}” as it is`}>
      <form onSubmit={submit}>
        {conflicts.length > 0 && (
          <ul>
            {conflicts.map(({ type, id, values, holder }) => (
              <li key={`${type} ${id}`}>
                {valuesInWords(values)} of {type} {id} belongs to{" "}
                {holder ? <RowLink type={type} id={holder.id} onFollow={onClose} /> : "another workspace"}
                {!holder || holder.active ? " now." : ", which would come back, too."}
              </li>
            ))}
          </ul>
        )}
        {parents.length > 0 && (
          <ul>
            {parents.map(({ type, id, parent }) => (
              <li key={`${type} ${id} ${parent.type}`}>
                The {type} {id} belongs to the {parent.type} {parent.id}, which is in the trash. It would be restored with it.
              </li>
            ))}
          </ul>
        )}
        {conflicts.length > 0 && (
          <fieldset>
            <legend>What to do</legend>
            {Object.entries(choices)
              .filter(([choice]) => choice !== "replace" || mayReplace)
              .map(([choice, words]) => (
                <label key={choice} className="choice">
                  <input type="radio" name="on_conflict" value={choice} required /> {words}
                </label>
              ))}
          </fieldset>
        )}
        <div className="buttons">
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
          <button disabled={pending}>{parents.length > 0 ? "Restore all" : "Restore"}</button>
        </div>
      </form>
    </Dialog>
  );
}

type RowLinkProps = { type: Restorable["type"]; id: number; onFollow: () => void };

function RowLink({ type, id, onFollow }: RowLinkProps) {
  const page = pageOf(type, id);
  const words = `${type} ${id}`;
  return page ? (
    <Link href={page} onClick={onFollow}>
      {words}
    </Link>
  ) : (
    words
  );
}

/** Without the keys of what a row belongs to: the other row has the same by definition. */
function valuesInWords(values: Record<string, string>): string {
  return Object.entries(values)
    .filter(([column]) => !column.endsWith("_id"))
    .map(([column, value]) => `${column} “${value}”`)
    .join(", ");
}
