import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { admin, confirmDialog, deleteRow, expect, newComment, newProject, newTask, signIn, test, toast, unique } from "./fixtures";

const phone = { width: 360, height: 740 };
const desk = { width: 1200, height: 800 };

test.setTimeout(120_000); // Nine pictures, each examined.

for (const scheme of ["light", "dark"] as const) {
  for (const [device, viewport] of Object.entries({ phone, desk })) {
    test.describe(`${scheme} on a ${device}`, () => {
      test.use({ colorScheme: scheme, viewport });

      test("all pages can be read, reached and fit the screen", async ({ page }) => {
        const look = (name: string) => examine(page, `test-results/look/${name}-${device}-${scheme}.png`);
        const project = await newProject(unique("A project with a name that is not short"));
        const task = await newTask(project.id, "Write the first draft");
        await newTask(project.id, "Ask two people who know nothing about it to read it from the beginning to the end");
        await newComment(task.id);
        const old = await newProject(unique("Old"));
        const params = { path: { id: old.id } };
        await admin.DELETE("/api/v1/projects/{id}", { params: { ...params, query: { reason: "nobody uses it" } } });
        await newProject(unique("New"), old.slug);

        await page.goto("/login");
        await look("login");
        await signIn(page);
        await look("projects");
        await page.goto("/members");
        await look("members");
        await page.goto(`/projects/${project.id}`);
        await look("project");
        await page.getByRole("button", { name: `Delete ${project.name}` }).click();
        await expect(page.getByRole("dialog")).toContainText("Into the trash");
        await look("delete");
        await confirmDialog(page, "Cancel");
        await deleteRow(page, task.title);
        await expect(toast(page)).toContainText("In the trash");
        await look("toast");
        await page.goto("/trash");
        await look("trash");
        await page.getByRole("button", { name: `Restore ${old.name}` }).click();
        await expect(page.getByRole("dialog")).toContainText("in its way");
        await look("restore");
        await confirmDialog(page, "Restore");
        await expect(page.getByRole("dialog")).toContainText("belongs to");
        await look("conflict");

        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const [red = 0] = ground.match(/\d+/g)!.map(Number);
        expect(red > 128).toBe(scheme === "light");
      });
    });
  }
}

/** Nothing to scroll sideways, nothing that axe finds; and a picture, to be looked at. */
async function examine(page: Page, path: string): Promise<void> {
  await page.screenshot({ path });
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(screen!);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}
