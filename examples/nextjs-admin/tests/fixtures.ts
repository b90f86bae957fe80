import { test as base, expect, type Page } from "@playwright/test";
import createClient, { type Client } from "openapi-fetch";

import type { paths } from "../src/api/schema";

export { expect };

export type Role = "admin" | "member" | "support";

export const tokens: Record<Role, string> = {
  admin: variable("ADMIN_TOKEN"),
  member: variable("MEMBER_TOKEN"),
  support: variable("SUPPORT_TOKEN"),
};

export function apiAs(token: string): Client<paths> {
  return createClient<paths>({ baseUrl: variable("API_URL"), headers: { Authorization: `Bearer ${token}` } });
}

type Fixtures = {
  /** What the front end has said in the browser's console: nothing is expected, not even about the CSP. */
  complaints: string[];
};

export const test = base.extend<Fixtures>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        // The browser itself reports failed requests; what follows from them is for the tests to say.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          complaints.push(message.text());
        }
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export async function signIn(page: Page, as: Role | { token: string } = "admin"): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("API token").fill(typeof as === "string" ? tokens[as] : as.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();
}

/** The row of a list whose first cell has this text. */
export const row = (page: Page, title: string) =>
  page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: title, exact: true }) });

/** Clicks Delete in the row and says yes. */
export async function deleteRow(page: Page, title: string): Promise<void> {
  await page.getByRole("button", { name: `Delete ${title}`, exact: true }).click();
  await confirmDialog(page, "Delete");
}

export async function confirmDialog(page: Page, button: string): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();
}

export const toast = (page: Page) => page.getByRole("status");

/** What the tests set up, by the API, as the admin. Each test has rows of its own. */
export const admin = apiAs(tokens.admin);

export async function newProject(name = unique("Project"), slug = slugOf(name)) {
  const workspace_id = (await admin.GET("/api/v1/me")).data?.workspace_id ?? 0;
  const body = { workspace_id, name, slug, description: "" };
  return created(await admin.POST("/api/v1/projects", { body }));
}

export async function newTask(project_id: number, title = unique("Task"), by: Client<paths> = admin) {
  return created(await by.POST("/api/v1/tasks", { body: { project_id, title } }));
}

export async function newComment(task_id: number, by: Client<paths> = admin) {
  return created(await by.POST("/api/v1/comments", { body: { task_id, body: "Looks good." } }));
}

/** A member with a token of their own, to be deleted. */
export async function newMember(name = unique("Member")) {
  const workspace_id = (await admin.GET("/api/v1/me")).data?.workspace_id ?? 0;
  const body = { workspace_id, name, email: `${slugOf(name)}@example.com`, role: "member" as const };
  const member = created(await admin.POST("/api/v1/members", { body }));
  const path = { id: member.id };
  const { token } = created(await admin.POST("/api/v1/members/{id}/token", { params: { path } }));
  return { ...member, token };
}

export async function projectStatus(id: number): Promise<number> {
  return (await admin.GET("/api/v1/projects/{id}", { params: { path: { id } } })).response.status;
}

let count = 0;

export function unique(name: string): string {
  count += 1;
  return `${name} ${Date.now().toString(36)}${count}`;
}

export const slugOf = (name: string) => name.toLowerCase().replaceAll(" ", "-");

function created<T>({ data, response }: { data?: T; response: Response }): T {
  if (data === undefined) throw new Error(`The API answered ${response.status} to ${response.url}`);
  return data;
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run ./test.sh`);
  return value;
}
