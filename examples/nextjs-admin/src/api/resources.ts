import type { Kind } from "./types";

/** Where the API has the rows of a kind. */
export const collection = {
  workspace: "workspaces",
  project: "projects",
  task: "tasks",
  comment: "comments",
  member: "members",
} as const satisfies Record<Kind, string>;

/** The path of a row in the API. What comes here from a browser may be anything. */
export function at<K extends Kind>(type: K) {
  if (!Object.hasOwn(collection, type)) throw new Error("There is no such kind of row.");
  return `/api/v1/${collection[type]}/{id}` as const;
}

/** Where this front end shows a row, if it has a page for it. */
export function pageOf(type: Kind, id: number): string | undefined {
  if (type === "project") return `/projects/${id}`;
  if (type === "member") return "/members";
  return undefined;
}

/** "1 project, 4 tasks" */
export function countsInWords(counts: readonly { type: Kind; rows: number }[]): string {
  const words = counts
    .filter(({ rows }) => rows > 0)
    .map(({ type, rows }) => `${rows} ${rows === 1 ? type : collection[type]}`);
  return words.join(", ") || "nothing";
}
