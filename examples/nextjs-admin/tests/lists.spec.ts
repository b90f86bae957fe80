import { admin, confirmDialog, deleteRow, expect, newProject, newTask, row, signIn, test, toast, unique } from "./fixtures";

test("projects are searched and paged, and Back goes back to the search", async ({ page }) => {
  const word = unique("batch").replace(" ", "-");
  for (let number = 10; number < 31; number += 1) await newProject(`${word} ${number}`);
  await signIn(page);
  await page.getByLabel("Search").fill(word);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("Page 1 of 2 (21 in all)")).toBeVisible();
  await expect(page.locator("tbody tr")).toHaveCount(20);
  await page.getByRole("link", { name: "Next →" }).click();
  await expect(page.getByText("Page 2 of 2 (21 in all)")).toBeVisible();
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await page.goBack();
  await expect(page.locator("tbody tr")).toHaveCount(20);
});

test("addresses that make no sense show a list or no page, and no error", async ({ page }) => {
  await signIn(page);
  for (const path of ["/projects?page=-1", "/projects?page=x&q=%20", "/trash?type=x&deleted_by=x&since=x&until=2026-99-99"]) {
    await page.goto(path);
    await expect(page.getByText(/^Page 1 of/)).toBeVisible();
  }
  for (const path of ["/projects/0", "/projects/x", "/projects/99999999", "/projects/1e3"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
  }
});

test("a project is created; a slug that is taken is told beside its field, and the input is kept", async ({ page }) => {
  const taken = await newProject();
  const name = unique("Created");
  await signIn(page);
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Slug").fill(taken.slug);
  await confirmDialog(page, "Save");
  await expect(page.getByRole("dialog")).toContainText("Value is taken");
  await expect(page.getByLabel("Name")).toHaveValue(name);
  await page.getByLabel("Slug").fill("Not a slug");
  await confirmDialog(page, "Save");
  await expect(page.getByLabel("Slug")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Slug").fill(`${taken.slug}-2`);
  await confirmDialog(page, "Save");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.goto(`/projects?q=${name}`);
  await expect(row(page, name)).toContainText(`${taken.slug}-2`);
});

test("tasks are created, edited and deleted", async ({ page }) => {
  const project = await newProject();
  await signIn(page);
  await page.goto(`/projects/${project.id}`);
  await page.getByLabel("New task").fill("Write a letter");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(row(page, "Write a letter")).toContainText("open");
  await expect(page.getByLabel("New task")).toHaveValue("");
  await page.getByRole("button", { name: "Edit Write a letter" }).click();
  await page.getByLabel("Title").fill("Write two letters");
  await page.getByLabel("Status").selectOption("doing");
  await confirmDialog(page, "Save");
  await expect(row(page, "Write two letters")).toContainText("doing");
  await deleteRow(page, "Write two letters");
  await expect(row(page, "Write two letters")).toBeHidden();
  await expect(page.getByText("No tasks.")).toBeVisible();
});

test("an edit does not write over what someone else has written, unless they have seen it", async ({ page }) => {
  const project = await newProject();
  const task = await newTask(project.id, "First");
  await signIn(page);
  await page.goto(`/projects/${project.id}`);
  await page.getByRole("button", { name: "Edit First" }).click();
  await page.getByLabel("Title").fill("Mine");
  const params = { path: { id: task.id } };
  await admin.PATCH("/api/v1/tasks/{id}", { params, body: { title: "Theirs" } });
  await confirmDialog(page, "Save");
  await expect(page.getByRole("dialog")).toContainText("Changed meanwhile, reloaded. It is now: “Theirs”, open.");
  expect((await admin.GET("/api/v1/tasks/{id}", { params })).data?.title).toBe("Theirs");
  await expect(page.getByLabel("Title")).toHaveValue("Mine");
  await confirmDialog(page, "Save");
  await expect(row(page, "Mine")).toBeVisible();
});

test("an edit of what someone else has deleted says so", async ({ page }) => {
  const project = await newProject();
  const task = await newTask(project.id, "Gone");
  await signIn(page);
  await page.goto(`/projects/${project.id}`);
  await page.getByRole("button", { name: "Edit Gone" }).click();
  await admin.DELETE("/api/v1/tasks/{id}", { params: { path: { id: task.id } } });
  await confirmDialog(page, "Save");
  await expect(toast(page)).toContainText("Deleted meanwhile");
  await expect(page.getByText("No tasks.")).toBeVisible();
});

test("the trash is filtered by type, actor and time, and emptied of one deletion", async ({ page }) => {
  const project = await newProject();
  const task = await newTask(project.id, project.name);
  await admin.DELETE("/api/v1/tasks/{id}", { params: { path: { id: task.id } } });
  await admin.DELETE("/api/v1/projects/{id}", { params: { path: { id: project.id } } });
  await signIn(page);
  await page.goto(`/trash?q=${project.name}`);
  const rows = page.locator("tbody tr");
  const today = new Date().toISOString().slice(0, 10);
  const filter = async (fill: () => Promise<unknown>, count: number) => {
    await page.goto(`/trash?q=${project.name}`);
    await expect(rows).toHaveCount(2);
    await fill();
    await page.getByRole("button", { name: "Search" }).click();
    await expect(rows).toHaveCount(count);
  };
  await filter(() => page.getByLabel("Type").selectOption("task"), 1);
  await filter(() => page.getByLabel("Deleted by").selectOption("Ben"), 0);
  await filter(() => page.getByLabel("Deleted by").selectOption("Ada"), 2);
  await filter(() => page.getByLabel("From").fill("2100-01-01"), 0);
  await filter(() => page.getByLabel("To", { exact: true }).fill("2020-01-01"), 0);
  await filter(() => page.getByLabel("To", { exact: true }).fill(today), 2);

  await page.goto(`/trash?type=task&q=${project.name}`);
  await page.getByRole("button", { name: `Delete ${project.name} for good` }).click();
  await confirmDialog(page, "Delete for good");
  await expect(toast(page)).toContainText("is removed for good");
  await expect(page.getByText("Nothing here.")).toBeVisible();
});
