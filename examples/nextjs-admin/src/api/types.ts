// Names for what the front end uses of the generated schema.
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Kind = Schemas["Kind"];
export type Me = Schemas["Me"];
export type Member = Schemas["Member"];
export type Project = Schemas["Project"];
export type Task = Schemas["Task"];
export type TrashItem = Schemas["TrashItem"];

export type RowCount = Schemas["RowCount"];
export type Stamp = Schemas["StampView"];
export type Deletion = Schemas["DeletionView"];
export type DeletePlan = Schemas["DeletePlanView"];
export type Restoration = Schemas["RestorationView"];
export type RestorePlan = Schemas["RestorePlanView"];
export type Problem = Schemas["Problem"];

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Q } } } ? Q : never;
export type ProjectQuery = Query<"/api/v1/projects">;
export type TaskQuery = Query<"/api/v1/tasks">;
export type MemberQuery = Query<"/api/v1/members">;
export type TrashQuery = NonNullable<Query<"/api/v1/trash">>;

/** What a restore does with a row whose unique value another one has by now. */
export type OnConflict = "skip" | "replace" | "rename";

/** Which row a delete or a restore is about, and how the user has seen it. */
export type Target = {
  type: Kind;
  id: number;
  title: string;
  /** Its `etag` when the page was made: it must not have changed since. */
  etag: string;
};

/** The answer of a server action: never an exception, whose message Next.js would hide in production. */
export type Result<T> = { ok: true; value: T } | { ok: false; problem: Problem };
