import Form from "next/form";
import Link from "next/link";
import type { ReactNode } from "react";

export type Search = Record<string, string | string[] | undefined>;

/** One value of a query parameter, as the API takes it; undefined if there is none. */
export function one(search: Search, name: string): string | undefined {
  const value = search[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text?.replaceAll("\0", "").trim().slice(0, 100) || undefined;
}

/** The page asked for; the first if it is not a number that the API takes. */
export function pageNumber(search: Search): number {
  const page = Number(one(search, "page"));
  return Number.isInteger(page) && page > 0 && page <= 1_000_000 ? page : 1;
}

/** Filters are query parameters: they can be linked to, and Back goes back to them. */
export function SearchForm({ action, search, children }: { action: string; search: Search; children?: ReactNode }) {
  return (
    <Form action={action} className="inline" role="search">
      <label>
        Search
        <input type="search" name="q" defaultValue={one(search, "q")} maxLength={100} />
      </label>
      {children}
      <button>Search</button>
    </Form>
  );
}

type PagerProps = { path: string; search: Search; page: number; per_page: number; total: number };

export function Pager({ path, search, page, per_page, total }: PagerProps) {
  const pages = Math.max(1, Math.ceil(total / per_page));
  const to = (page: number) => {
    const query = new URLSearchParams({ page: String(page) });
    for (const name of Object.keys(search)) {
      const value = one(search, name);
      if (value && name !== "page") query.set(name, value);
    }
    return `${path}?${query}`;
  };
  return (
    <nav aria-label="Pages of this list" className="pager">
      {page > 1 && (
        <Link href={to(Math.min(page - 1, pages))} rel="prev">
          ← Previous
        </Link>
      )}
      <span>
        Page {page} of {pages} ({total} in all)
      </span>
      {page < pages && (
        <Link href={to(page + 1)} rel="next">
          Next →
        </Link>
      )}
    </nav>
  );
}

const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** A time in UTC, the same for all who talk about it. */
export function Time({ value }: { value: string }) {
  return <time dateTime={value}>{format.format(new Date(value))} UTC</time>;
}
