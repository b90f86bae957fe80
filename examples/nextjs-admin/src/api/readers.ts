import "server-only";

import { cache } from "react";

import { api, result, value, valueOf } from "./client";
import { tag } from "./revalidate";
import type { Me, MemberQuery, Project, ProjectQuery, Result, TaskQuery, TrashQuery } from "./types";

/** Who is signed in, and what they may do: asked once per request, however many components want to know. */
export const me = cache(async (): Promise<Me> => value((await api()).GET("/api/v1/me")));

export async function projects(query: ProjectQuery) {
  return value((await api()).GET("/api/v1/projects", { params: { query } }));
}

/** Not a plain value: a project that was deleted has a page, too. */
export async function project(id: number): Promise<Result<Project>> {
  return result((await api()).GET("/api/v1/projects/{id}", { params: { path: { id } } }));
}

export async function tasks(query: TaskQuery) {
  return value((await api()).GET("/api/v1/tasks", { params: { query } }));
}

export async function members(query: MemberQuery) {
  return value((await api()).GET("/api/v1/members", { params: { query } }));
}

export async function trash(query: TrashQuery) {
  return value((await api()).GET("/api/v1/trash", { params: { query } }));
}

/**
 * The names of members, by id. They rarely change and are on many pages, so that they are the one thing that is
 * cached: a minute, per token, and until an action changes a member.
 */
export async function memberNames(): Promise<Map<number, string>> {
  const { permissions } = await me();
  const client = await api({ next: { revalidate: 60, tags: [tag.members] } });
  const query = { per_page: 100, include_deleted: permissions.include_deleted };
  const page = valueOf(await result(client.GET("/api/v1/members", { params: { query } })));
  return new Map(page.items.map(({ id, name }) => [id, name]));
}

export function nameOf(names: Map<number, string>, id: number | null | undefined): string {
  return id == null ? "–" : (names.get(id) ?? `member ${id}`);
}
