import { admin, apiAs, confirmDialog, expect, newMember, newProject, newTask, signIn, test, tokens } from "./fixtures";

test("whoever is not signed in sees the sign-in page only", async ({ page }) => {
  for (const path of ["/", "/projects", "/projects/1", "/members", "/trash"]) {
    await page.goto(path);
    await expect(page).toHaveURL("/login");
  }
});

test("a token that the API does not know is refused", async ({ page, context }) => {
  await page.goto("/login");
  await page.getByLabel("API token").fill("not-a-token");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The API does not know this token.")).toBeVisible();
  expect(await context.cookies()).toEqual([]);
});

test("signing out closes the session", async ({ page, context }) => {
  await signIn(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/login");
  expect(await context.cookies()).toEqual([]);
  await page.goto("/projects");
  await expect(page).toHaveURL("/login");
});

test("signing in works without JavaScript", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  await signIn(await context.newPage());
  await context.close();
});

test("the token reaches no response, no script and no cookie that can be read", async ({ page, context }) => {
  const seen: string[] = [];
  // All of it passes through here: the browser itself forgets what it has got for a page that it has left.
  await context.route("**", async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    seen.push(JSON.stringify(response.headersArray()), await response.text());
    await route.fulfill({ response });
  });
  const project = await newProject();
  await signIn(page);
  for (const path of ["/projects", `/projects/${project.id}`, "/members", "/trash", "/nowhere"]) {
    await page.goto(path, { waitUntil: "networkidle" });
  }
  await page.getByRole("link", { name: "All projects" }).click(); // This one as a payload, without HTML.
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();

  expect(seen.length).toBeGreaterThan(30);
  expect(seen.some((part) => part.includes(project.name))).toBe(true); // The bodies are really read.
  for (const token of Object.values(tokens)) expect(seen.filter((part) => part.includes(token))).toEqual([]);

  expect(await page.evaluate(() => document.cookie)).toBe("");
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).toBe("[{},{}]");
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([{ name: "__Host-session", httpOnly: true, secure: true, sameSite: "Strict" }]);
  const readable = cookies.map(({ value }) => value + Buffer.from(value, "base64url").toString("latin1"));
  expect(readable.join()).not.toContain(tokens.admin);
});

test("a cookie that was tampered with opens no session", async ({ page, context }) => {
  await signIn(page);
  const [cookie] = await context.cookies();
  if (!cookie) throw new Error("There is no cookie.");
  const value = cookie.value.slice(0, -2) + (cookie.value.endsWith("AA") ? "BB" : "AA");
  await context.addCookies([{ ...cookie, value }]);
  await page.goto("/projects");
  await expect(page).toHaveURL("/login");
});

test("a session ends when its member is deleted, also in the middle of an action", async ({ page }) => {
  const member = await newMember();
  const project = await newProject();
  await signIn(page, member);
  await page.goto(`/projects/${project.id}`);
  await admin.DELETE("/api/v1/members/{id}", { params: { path: { id: member.id } } });
  await page.getByLabel("New task").fill("Too late");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(page).toHaveURL("/login");
});

test("a session that has ended leads from a delete to the sign-in page", async ({ page }) => {
  const member = await newMember();
  const project = await newProject();
  const task = await newTask(project.id, undefined, apiAs(member.token));
  await signIn(page, member);
  await page.goto(`/projects/${project.id}`);
  await page.getByRole("button", { name: `Delete ${task.title}` }).click();
  await expect(page.getByRole("dialog")).toContainText("Into the trash");
  await admin.DELETE("/api/v1/members/{id}", { params: { path: { id: member.id } } });
  await confirmDialog(page, "Delete");
  await expect(page).toHaveURL("/login");
  await page.goBack();
  await expect(page).toHaveURL("/login");
});

test("without the API a page says so", async ({ page }) => {
  await signIn(page);
  await page.goto(`${process.env.LOST_URL}/projects`); // The cookie is for this one, too: cookies know no ports.
  await expect(page.getByRole("heading", { name: "This page could not be made" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
});

test("pages have security headers, and a new nonce each", async ({ request }) => {
  const [first, second] = await Promise.all([request.get("/login"), request.get("/login")]);
  const policy = first.headers()["content-security-policy"] ?? "";
  expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]+' 'strict-dynamic';/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(second.headers()["content-security-policy"]).not.toBe(policy);
  expect(first.headers()).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cache-control": expect.stringContaining("no-store"),
  });
  expect(first.headers()["x-powered-by"]).toBeUndefined();
});

test("the health check needs no session", async ({ request }) => {
  const answer = await request.get("/healthz");
  expect([answer.status(), await answer.json()]).toEqual([200, { status: "ok" }]);
});
