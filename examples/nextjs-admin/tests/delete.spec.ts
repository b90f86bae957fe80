import {
  admin,
  confirmDialog,
  deleteRow,
  expect,
  newComment,
  newMember,
  newProject,
  newTask,
  apiAs,
  projectStatus,
  row,
  signIn,
  test,
  toast,
  unique,
} from "./fixtures";

test("a delete shows what it takes along, and the toast undoes it", async ({ page }) => {
  const project = await newProject();
  const task = await newTask(project.id);
  await newComment(task.id);
  await signIn(page);
  await page.goto(`/projects?q=${project.name}`);

  await page.getByRole("button", { name: `Delete ${project.name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Into the trash: 1 project, 1 task, 1 comment.");
  await confirmDialog(page, "Delete");
  await expect(row(page, project.name)).toBeHidden();
  await expect(toast(page)).toContainText(`In the trash: “${project.name}” (1 project, 1 task, 1 comment).`);
  expect(await projectStatus(project.id)).toBe(410);

  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(row(page, project.name)).toBeVisible();
  await expect(toast(page)).toContainText(`Restored: “${project.name}” (1 project, 1 task, 1 comment).`);
  expect(await projectStatus(project.id)).toBe(200);
});

test("who does not confirm deletes nothing", async ({ page }) => {
  const project = await newProject();
  await signIn(page);
  await page.goto(`/projects?q=${project.name}`);
  const button = page.getByRole("button", { name: `Delete ${project.name}` });
  await button.click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await expect(button).toBeFocused();
  await button.click();
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
  expect(await projectStatus(project.id)).toBe(200);
});

test("the row goes at once, and comes back if the delete fails", async ({ page }) => {
  const project = await newProject();
  await signIn(page);
  await page.goto(`/projects?q=${project.name}`);
  await page.getByRole("button", { name: `Delete ${project.name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Into the trash");

  let fail = () => {};
  const held = new Promise<void>((resolve) => (fail = resolve));
  await page.route("**", async (route, request) => {
    if (request.method() !== "POST") return route.continue();
    await held;
    await route.abort();
  });
  await confirmDialog(page, "Delete");
  await expect(row(page, project.name)).toBeHidden();
  await expect(toast(page)).toBeEmpty();
  fail();
  await expect(row(page, project.name)).toBeVisible();
  await expect(toast(page)).toContainText("The server does not answer");
});

test("what was deleted is in the trash with its reason, and is restored from there", async ({ page }) => {
  const project = await newProject();
  await newTask(project.id);
  await signIn(page);
  await page.goto(`/projects?q=${project.name}`);
  await page.getByRole("button", { name: `Delete ${project.name}` }).click();
  await page.getByLabel("Reason").fill("no longer needed");
  await confirmDialog(page, "Delete");
  await expect(toast(page)).toContainText("In the trash");

  await page.getByRole("link", { name: "Trash" }).click();
  const trashed = page.getByRole("row").filter({ hasText: project.name });
  await expect(trashed).toContainText("no longer needed");
  await expect(trashed).toContainText("Ada");
  await expect(trashed.getByRole("cell").nth(3).locator("time")).toHaveCount(1); // When it is removed for good.
  await page.getByRole("button", { name: `Restore ${project.name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Comes back: 1 project, 1 task.");
  await confirmDialog(page, "Restore");
  await expect(trashed).toBeHidden();
  await expect(toast(page)).toContainText("Restored");

  await page.getByRole("link", { name: "Projects" }).click();
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();
  await page.getByLabel("Search").fill(project.name);
  await page.keyboard.press("Enter");
  await expect(row(page, project.name)).toBeVisible();
});

test("a deleted project's page says so, and Back shows no stale row", async ({ page }) => {
  const project = await newProject();
  await signIn(page);
  await page.goto(`/projects?q=${project.name}`);
  await page.getByRole("link", { name: project.name }).click();
  await expect(page.getByRole("heading", { name: project.name })).toBeVisible();
  await deleteRow(page, project.name);
  await expect(page.getByRole("heading", { name: "This project is in the trash" })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/projects\?q=/);
  await expect(page.getByText("No projects.")).toBeVisible();
  await page.goForward();
  await page.getByRole("button", { name: /^Restore/ }).click();
  await confirmDialog(page, "Restore");
  await expect(page.getByRole("heading", { name: project.name })).toBeVisible();
  await page.goBack();
  await expect(row(page, project.name)).toBeVisible();
});

test("Back shows no row that someone else has deleted meanwhile", async ({ page }) => {
  const project = await newProject();
  await signIn(page);
  await page.goto(`/projects?q=${project.name}`);
  await page.getByRole("link", { name: "Members" }).click();
  await expect(page.getByRole("heading", { name: "Members" })).toBeVisible();
  await admin.DELETE("/api/v1/projects/{id}", { params: { path: { id: project.id } } });
  await page.goBack();
  await expect(page.getByText("No projects.")).toBeVisible();
});

test("what someone else has changed is not deleted unseen", async ({ page }) => {
  const project = await newProject(unique("Before"));
  await signIn(page);
  await page.goto(`/projects?q=${project.slug.split("-")[1]}`);
  await page.getByRole("button", { name: `Delete ${project.name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Into the trash");
  const name = project.name.replace("Before", "After");
  await admin.PATCH("/api/v1/projects/{id}", { params: { path: { id: project.id } }, body: { name } });
  await confirmDialog(page, "Delete");
  await expect(toast(page)).toContainText("Changed meanwhile, reloaded");
  await expect(row(page, name)).toBeVisible();
  expect(await projectStatus(project.id)).toBe(200);

  await deleteRow(page, name); // Now it is seen.
  await expect(toast(page)).toContainText("In the trash");
});

test("what someone else has changed is not restored unseen", async ({ page }) => {
  const project = await newProject();
  const params = { path: { id: project.id } };
  await admin.DELETE("/api/v1/projects/{id}", { params });
  await signIn(page);
  await page.goto(`/trash?q=${project.name}`);
  await page.getByRole("button", { name: `Restore ${project.name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Comes back");
  await admin.POST("/api/v1/projects/{id}/restore", { params });
  await admin.DELETE("/api/v1/projects/{id}", { params: { ...params, query: { reason: "again" } } });
  await confirmDialog(page, "Restore");
  await expect(toast(page)).toContainText("Changed meanwhile, reloaded");
  await expect(page.getByRole("row").filter({ hasText: project.name })).toContainText("again");
  expect(await projectStatus(project.id)).toBe(410);
});

test("a member with comments is not deleted, and the blockers are shown", async ({ page }) => {
  const member = await newMember();
  const task = await newTask((await newProject()).id);
  await newComment(task.id, apiAs(member.token));
  await signIn(page);
  await page.goto(`/members?q=${member.name}`);
  await page.getByRole("button", { name: `Delete ${member.name}` }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("It can’t be deleted as long as these refer to it:");
  await expect(dialog.getByRole("listitem")).toContainText("1 comment");
  await expect(dialog.getByRole("button", { name: "Delete" })).toHaveCount(0);
});

test("a member who became a blocker's author meanwhile is refused by the API", async ({ page }) => {
  const member = await newMember();
  const task = await newTask((await newProject()).id);
  await signIn(page);
  await page.goto(`/members?q=${member.name}`);
  await page.getByRole("button", { name: `Delete ${member.name}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Into the trash: 1 member.");
  await newComment(task.id, apiAs(member.token));
  await confirmDialog(page, "Delete");
  await expect(toast(page)).toContainText("1 comment");
  await expect(row(page, member.name)).toBeVisible();
});

test("delete and undo with the keyboard only", async ({ page }) => {
  const project = await newProject();
  await signIn(page);
  await page.goto(`/projects?q=${project.name}`);
  const button = page.getByRole("button", { name: `Delete ${project.name}` });
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press("Tab");
    if (await button.evaluate((element) => element === document.activeElement)) break;
  }
  await expect(button).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Into the trash");
  await expect(dialog.getByLabel("Reason")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(dialog.getByRole("button", { name: "Delete" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(toast(page).getByRole("button", { name: "Undo" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(row(page, project.name)).toBeVisible();
  await expect(page.getByRole("heading", { name: "Projects" })).toBeFocused();
});
