import { admin, apiAs, confirmDialog, deleteRow, expect, newMember, newProject, newTask, projectStatus, row, signIn, test, toast, tokens, unique } from "./fixtures";
import type { Page } from "@playwright/test";

/** A deleted project whose slug another one has by now, and its page in the trash. */
async function conflict(page: Page) {
  const old = await newProject(unique("Old"));
  await newTask(old.id);
  await admin.DELETE("/api/v1/projects/{id}", { params: { path: { id: old.id } } });
  const holder = await newProject(unique("New"), old.slug);
  await signIn(page);
  await page.goto(`/trash?q=${old.name}`);
  await page.getByRole("button", { name: `Restore ${old.name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Something is in its way");
  await confirmDialog(page, "Restore");
  const dialog = page.getByRole("dialog", { name: `Can't restore “${old.name}” as it is` });
  await expect(dialog).toContainText(`slug “${old.slug}”`);
  return { old, holder, dialog };
}

test("skip leaves it in the trash", async ({ page }) => {
  const { old, holder, dialog } = await conflict(page);
  await dialog.getByLabel("Skip").check();
  await confirmDialog(page, "Restore");
  await expect(toast(page)).toContainText(`“${old.name}” was not restored.`);
  await expect(toast(page)).toContainText("Skipped, and still in the trash: 1 project");
  expect([await projectStatus(old.id), await projectStatus(holder.id)]).toEqual([410, 200]);
});

test("replace puts the other one into the trash", async ({ page }) => {
  const { old, holder, dialog } = await conflict(page);
  await dialog.getByLabel("Replace").check();
  await confirmDialog(page, "Restore");
  await expect(toast(page)).toContainText(`Restored: “${old.name}” (1 project, 1 task).`);
  await expect(toast(page)).toContainText("Into the trash in exchange: 1 project.");
  expect([await projectStatus(old.id), await projectStatus(holder.id)]).toEqual([200, 410]);
});

test("rename restores it under another slug", async ({ page }) => {
  const { old, holder, dialog } = await conflict(page);
  await dialog.getByLabel("Rename").check();
  await confirmDialog(page, "Restore");
  await expect(toast(page)).toContainText("Restored");
  expect([await projectStatus(old.id), await projectStatus(holder.id)]).toEqual([200, 200]);
  const { data } = await admin.GET("/api/v1/projects/{id}", { params: { path: { id: old.id } } });
  expect(data?.slug).not.toBe(old.slug);
});

test("the dialog links to the row in the way, and restores nothing without a choice", async ({ page }) => {
  const { old, holder, dialog } = await conflict(page);
  await confirmDialog(page, "Restore"); // A choice is required.
  await expect(dialog).toBeVisible();
  await dialog.getByRole("link", { name: `project ${holder.id}` }).click();
  await expect(page.getByRole("heading", { name: holder.name })).toBeVisible();
  await expect(dialog).toBeHidden();
  expect(await projectStatus(old.id)).toBe(410);
});

test("a choice is about what was seen, too: what changes while the dialog asks is not restored", async ({ page }) => {
  const { old, dialog } = await conflict(page);
  const params = { path: { id: old.id } };
  await admin.POST("/api/v1/projects/{id}/restore", { params, body: { on_conflict: "rename" } });
  await admin.DELETE("/api/v1/projects/{id}", { params });
  await dialog.getByLabel("Replace").check();
  await confirmDialog(page, "Restore");
  await expect(toast(page)).toContainText("Changed meanwhile, reloaded");
  expect(await projectStatus(old.id)).toBe(410);
});

test("an undo from the toast that meets a conflict asks, too", async ({ page }) => {
  const old = await newProject(unique("Old"));
  await signIn(page);
  await page.goto(`/projects?q=${old.name}`);
  await deleteRow(page, old.name);
  await expect(toast(page)).toContainText("In the trash");
  await newProject(unique("New"), old.slug);
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await page.getByRole("dialog").getByLabel("Rename").check();
  await confirmDialog(page, "Restore");
  await expect(row(page, old.name)).toContainText(`${old.slug}-`);
});

test("a task of a deleted project comes back with the project, if that is wished", async ({ page }) => {
  const project = await newProject();
  const task = await newTask(project.id);
  await admin.DELETE("/api/v1/tasks/{id}", { params: { path: { id: task.id } } });
  await admin.DELETE("/api/v1/projects/{id}", { params: { path: { id: project.id } } });
  await signIn(page);
  await page.goto(`/trash?type=task&q=${task.title}`);
  await page.getByRole("button", { name: `Restore ${task.title}` }).click();
  await confirmDialog(page, "Restore");
  await expect(page.getByRole("dialog")).toContainText(`belongs to the project ${project.id}, which is in the trash`);
  await confirmDialog(page, "Restore all");
  await expect(toast(page)).toContainText("Restored");
  expect(await projectStatus(project.id)).toBe(200);
});

test("who has a value in another workspace is not told, and stays", async ({ page }) => {
  const old = await newMember();
  await admin.DELETE("/api/v1/members/{id}", { params: { path: { id: old.id } } });
  const support = apiAs(tokens.support);
  const name = unique("Elsewhere");
  const workspace = await support.POST("/api/v1/workspaces", { body: { name, slug: name.toLowerCase().replaceAll(" ", "-") } });
  const theirs = { workspace_id: workspace.data?.id ?? 0, name, email: old.email, role: "member" as const };
  const holder = await support.POST("/api/v1/members", { body: theirs });
  expect(holder.response.status).toBe(201);
  await signIn(page);
  await page.goto(`/trash?q=${old.name}`);
  await page.getByRole("button", { name: `Restore ${old.name}` }).click();
  await confirmDialog(page, "Restore");
  const dialog = page.getByRole("dialog", { name: `Can't restore “${old.name}” as it is` });
  await expect(dialog).toContainText(`email “${old.email}” of member ${old.id} belongs to another workspace now.`);
  await expect(dialog.getByLabel("Skip")).toBeVisible();
  await expect(dialog.getByLabel("Replace")).toHaveCount(0);
});
