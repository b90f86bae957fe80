// A browser for the tests, and what they need of the API to have something to look at.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export const { BASE_URL, ADMIN_TOKEN, MEMBER_TOKEN, SUPPORT_TOKEN } = process.env;

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });

/** A browser of its own cookies, whose errors fail the test that closes it. */
export async function visitor(browser, { token, viewport = DESKTOP, scheme = "light", javaScript = true } = {}) {
  const context = await browser.newContext({
    baseURL: BASE_URL,
    viewport,
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    reducedMotion: "reduce",
    bypassCSP: false,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) page.complaints.push(message.text());
  });
  if (token) {
    await page.goto("/login");
    await page.getByLabel("API token").fill(token);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL("**/projects");
  }
  return page;
}

/** A request to the API. Paths begin behind `/api/v1`. */
export async function api(method, path, body, token = ADMIN_TOKEN) {
  const response = await fetch(`${BASE_URL}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", Prefer: "return=representation" },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok && response.status !== 410) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

let next = 0;

/** A new project with tasks. */
export async function project(name, tasks = 2) {
  const slug = `test-${(next += 1)}`;
  const made = await api("POST", "/projects", { workspace_id: 1, slug, name });
  for (let n = 1; n <= tasks; n += 1) {
    await api("POST", "/tasks", { project_id: made.id, title: `${name}, task ${n}` });
  }
  return made;
}

/** A deleted project whose slug another one has: the deletion. */
export async function conflict(name) {
  const lost = await project(name);
  const deletion = await api("DELETE", `/projects/${lost.id}?reason=by%20mistake`);
  const holder = await api("POST", "/projects", { workspace_id: 1, slug: lost.slug, name: `${name} again` });
  return { lost, holder, deletion: deletion.id };
}

/** What axe has to say about the page, apart from nothing. It is run over the debugger, which the page's policy doesn't bind. */
export async function violations(page) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  if (passes.length < 10) throw new Error(`axe has looked at ${passes.length} things only`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(", ")}`);
}

export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export async function screenshot(page, name) {
  mkdirSync("screenshots", { recursive: true });
  await page.screenshot({ path: `screenshots/${name}.png`, fullPage: true });
}
