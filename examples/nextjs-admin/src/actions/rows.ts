"use server";

import { api, result } from "@/api/client";
import { changed, revalidate } from "@/api/revalidate";
import type { Kind, Result, Task } from "@/api/types";

/** What comes of a form: nothing more to tell, or a problem to show in it. */
type Saved = Result<undefined>;

export async function createProject(form: FormData): Promise<Saved> {
  const body = {
    workspace_id: Number(form.get("workspace_id")),
    name: text(form, "name"),
    slug: text(form, "slug"),
    description: text(form, "description"),
  };
  const created = await result((await api()).POST("/api/v1/projects", { body }));
  return created.ok ? saved("project") : changed("project", created.problem);
}

export async function editProject(form: FormData): Promise<Saved> {
  const params = seen(form);
  const body = { name: text(form, "name"), slug: text(form, "slug"), description: text(form, "description") };
  const edited = await result((await api()).PATCH("/api/v1/projects/{id}", { params, body }));
  return edited.ok ? saved("project") : changed("project", edited.problem);
}

export async function createTask(form: FormData): Promise<Saved> {
  const body = { project_id: Number(form.get("project_id")), title: text(form, "title") };
  const created = await result((await api()).POST("/api/v1/tasks", { body }));
  return created.ok ? saved("task") : changed("task", created.problem);
}

export async function editTask(form: FormData): Promise<Saved> {
  const params = seen(form);
  const body = { title: text(form, "title"), status: text(form, "status") as Task["status"] };
  const edited = await result((await api()).PATCH("/api/v1/tasks/{id}", { params, body }));
  return edited.ok ? saved("task") : changed("task", edited.problem);
}

const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim();

/** The row, as the user has seen it. */
const seen = (form: FormData) => ({ path: { id: Number(form.get("id")) }, header: { "If-Match": text(form, "etag") } });

function saved(type: Kind): Saved {
  revalidate([type]);
  return { ok: true, value: undefined };
}

