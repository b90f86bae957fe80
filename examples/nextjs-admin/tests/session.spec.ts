import { admin, confirmDialog, expect, newMember, newProject, signIn, test, tokens } from "./fixtures";

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
  const bodies: Promise<string>[] = [];
  page.on("response", (response) => {
    const redirect = response.status() >= 300 && response.status() < 400;
    const headers = response.allHeaders().then((all) => JSON.stringify(all));
    bodies.push(redirect ? headers : Promise.all([headers, response.text()]).then((parts) => parts.join("\n")));
  });
  const project = await newProject();
  await signIn(page);
  for (const path of ["/projects", `/projects/${project.id}`, "/members", "/trash", "/nowhere"]) {
    await page.goto(path, { waitUntil: "networkidle" });
  }
  await page.getByRole("link", { name: "All projects" }).click(); // This one as a payload, without HTML.
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();

  const seen = await Promise.all(bodies);
  expect(seen.length).toBeGreaterThan(15);
  expect(seen.some((body) => body.includes(project.name))).toBe(true); // The bodies are really read.
  for (const token of Object.values(tokens)) expect(seen.filter((body) => body.includes(token))).toEqual([]);

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

test("an action that another site sends is refused", async ({ page }) => {
  const project = await newProject();
  await signIn(page);
  await page.goto(`/projects/${project.id}`);
  await page.route("**", (route, request) =>
    request.method() === "POST"
      ? route.continue({ headers: { ...request.headers(), origin: "https://evil.example" } })
      : route.continue(),
  );
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.getByRole("button", { name: "Edit", exact: true }).or(page.getByLabel(`Edit ${project.name}`)).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Taken over");
  await confirmDialog(page, "Save");
  expect((await answer).status()).toBe(500);
  await expect(page.getByText("The server does not answer")).toBeVisible();
  const path = { id: project.id };
  const { data } = await admin.GET("/api/v1/projects/{id}", { params: { path } });
  expect(data?.name).toBe(project.name);
});

test("the health check needs no session", async ({ request }) => {
  const answer = await request.get("/healthz");
  expect([answer.status(), await answer.json()]).toEqual([200, { status: "ok" }]);
});
