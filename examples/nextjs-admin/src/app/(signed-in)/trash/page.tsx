import type { Metadata } from "next";
import { notFound } from "next/navigation";

import { me, memberNames, nameOf, trash } from "@/api/readers";
import { collection } from "@/api/resources";
import type { Kind, TrashQuery } from "@/api/types";
import { DeletableRow } from "@/ui/deletable";
import { one, Pager, pageNumber, type Search, SearchForm, Time } from "@/ui/parts";
import { PurgeButton } from "@/ui/purge-button";
import { RestoreButton } from "@/ui/restore-button";

export const metadata: Metadata = { title: "Trash" };

export default async function TrashPage({ searchParams }: PageProps<"/trash">) {
  const search = await searchParams;
  const { permissions } = await me();
  if (!permissions.see_trash) notFound();
  const [list, names] = await Promise.all([trash(query(search)), memberNames()]);
  return (
    <>
      <h1 tabIndex={-1}>Trash</h1>
      <SearchForm action="/trash" search={search}>
        <label>
          Type
          <select name="type" defaultValue={one(search, "type")}>
            <option value="">all</option>
            {Object.keys(collection).map((type) => (
              <option key={type}>{type}</option>
            ))}
          </select>
        </label>
        <label>
          Deleted by
          <select name="deleted_by" defaultValue={one(search, "deleted_by")}>
            <option value="">anyone</option>
            {[...names].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          From
          <input type="date" name="since" defaultValue={day(search, "since")} />
        </label>
        <label>
          To
          <input type="date" name="until" defaultValue={day(search, "until")} />
        </label>
      </SearchForm>
      {list.items.length === 0 && <p>Nothing here.</p>}
      <table>
        <thead>
          <tr>
            <th>What</th>
            <th>Type</th>
            <th>Deleted</th>
            <th>By</th>
            <th>Removed for good</th>
            <th>
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.items.map(({ type, id, title, etag, purge_at, deletion }) => (
            <DeletableRow key={`${type} ${id}`}>
              <th scope="row">
                {title}
                {deletion.reason && <small> {deletion.reason}</small>}
              </th>
              <td data-label="Type">{type}</td>
              <td data-label="Deleted">
                <Time value={deletion.deleted_at} />
              </td>
              <td data-label="By">{nameOf(names, deletion.deleted_by)}</td>
              <td data-label="Removed for good">{purge_at ? <Time value={purge_at} /> : "never"}</td>
              <td className="buttons">
                {permissions.restore && <RestoreButton target={{ type, id, title }} etag={etag} />}
                {permissions.force_delete && deletion.id && (
                  <PurgeButton target={{ type, id, title }} deletion={deletion.id} />
                )}
              </td>
            </DeletableRow>
          ))}
        </tbody>
      </table>
      <Pager path="/trash" search={search} {...list} />
    </>
  );
}

/** What of the address is a filter. Anything else in it is left out, not an error. */
function query(search: Search): TrashQuery {
  const type = one(search, "type");
  const since = day(search, "since");
  const until = day(search, "until");
  return {
    type: type && Object.hasOwn(collection, type) ? (type as Kind) : undefined,
    deleted_by: Number(one(search, "deleted_by")) || undefined,
    since: since && `${since}T00:00:00Z`,
    until: until && dayAfter(until),
    q: one(search, "q"),
    page: pageNumber(search),
    per_page: 20,
  };
}

/** `until` is exclusive: the whole last day is meant, so that it ends with the next one. */
function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString();
}

function day(search: Search, name: string): string | undefined {
  const value = one(search, name);
  return value && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;
}
