import type { APIResponse, BrowserContext, Page, Request } from "@playwright/test";

import {
  admin,
  apiAs,
  confirmDialog,
  deleteRow,
  expect,
  newProject,
  newTask,
  projectStatus,
  row,
  signIn,
  test,
  toast,
  tokens,
} from "./fixtures";

test("members are offered only what they may do", async ({ page }) => {
  const project = await newProject();
  const own = await newTask(project.id, undefined, apiAs(tokens.member));
  const others = await newTask(project.id);
  await signIn(page, "member");
  await expect(page.getByRole("link", { name: "Trash" })).toHaveCount(0);
  await page.goto(`/projects?q=${project.name}`);
  await expect(row(page, project.name)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Delete/ })).toHaveCount(0);
  await page.goto("/members");
  await expect(page.getByRole("button", { name: /^Delete/ })).toHaveCount(0);
  await page.goto("/trash");
  await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();

  await page.goto(`/projects/${project.id}`);
  await expect(row(page, others.title).getByRole("button", { name: /^Edit/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Delete/ })).toHaveCount(1);
  await deleteRow(page, own.title);
  await expect(row(page, own.title)).toBeHidden();
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(row(page, own.title)).toBeVisible();
});

test("the support sees the trash of all and restores, and changes nothing else", async ({ page }) => {
  const project = await newProject();
  const trashed = await newProject();
  await admin.DELETE("/api/v1/projects/{id}", { params: { path: { id: trashed.id } } });
  await signIn(page, "support");
  await page.goto(`/projects/${project.id}`);
  await expect(page.getByRole("heading", { name: project.name })).toBeVisible();
  await expect(page.getByRole("button", { name: /^(Delete|Edit|Add)/ })).toHaveCount(0);
  await page.goto(`/trash?q=${trashed.name}`);
  await expect(page.getByRole("button", { name: /for good/ })).toHaveCount(0);
  await page.getByRole("button", { name: `Restore ${trashed.name}` }).click();
  await confirmDialog(page, "Restore");
  await expect(toast(page)).toContainText("Restored");
  expect(await projectStatus(trashed.id)).toBe(200);
});

test("an action that was not offered is refused by the API", async ({ page, browser, baseURL }) => {
  const first = await newProject();
  const second = await newProject();
  await signIn(page);
  const request = await requestOfDelete(page, first.name);
  expect(await projectStatus(first.id)).toBe(410);

  const context = await browser.newContext({ baseURL });
  await signIn(await context.newPage(), "member");
  const answer = await replay(context, request, first, second);
  expect(await answer.text()).toContain('"status":403');
  expect(await projectStatus(second.id)).toBe(200);
  await context.close();
});

test("an action that another site sends is refused", async ({ page, context }) => {
  const first = await newProject();
  const second = await newProject();
  await signIn(page);
  const request = await requestOfDelete(page, first.name);
  const refused = await replay(context, request, first, second, "https://evil.example");
  expect(refused.status()).toBe(500);
  expect(await projectStatus(second.id)).toBe(200);
  const accepted = await replay(context, request, first, second); // It was the origin and nothing else.
  expect(accepted.status()).toBe(200);
  expect(await projectStatus(second.id)).toBe(410);
});

/** Deletes the project and returns the request that did it. */
async function requestOfDelete(page: Page, name: string): Promise<Request> {
  await page.goto(`/projects?q=${name}`);
  await page.getByRole("button", { name: `Delete ${name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Into the trash");
  const request = page.waitForRequest((request) => request.method() === "POST");
  await confirmDialog(page, "Delete");
  await expect(toast(page)).toContainText("In the trash");
  return request;
}

type Project = Awaited<ReturnType<typeof newProject>>;

/** Sends the request that deleted the first project again, for the second one. */
function replay(
  context: BrowserContext,
  request: Request,
  first: Project,
  second: Project,
  origin = new URL(request.url()).origin,
): Promise<APIResponse> {
  const data = (request.postData() ?? "")
    .replaceAll(first.name, second.name)
    .replaceAll(`"id":${first.id}`, `"id":${second.id}`)
    .replaceAll(escaped(first.etag), escaped(second.etag));
  expect(data).toContain(escaped(second.etag));
  const { "next-action": action = "", "content-type": type = "", accept = "" } = request.headers();
  const headers = { "next-action": action, "content-type": type, accept, origin };
  return context.request.post(request.url(), { headers, data });
}

/** A text as it is within JSON. */
const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
