// The pages in a browser: without JavaScript and with it, by keyboard, on phones and desktops, light and dark.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  ADMIN_TOKEN,
  BASE_URL,
  DESKTOP,
  MEMBER_TOKEN,
  PHONE,
  api,
  conflict,
  launch,
  overflow,
  project,
  screenshot,
  violations,
  visitor,
} from "./support.js";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function finish(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

for (const javaScript of [false, true]) {
  describe(javaScript ? "with JavaScript" : "without JavaScript", () => {
    const open = (token) => visitor(browser, { token, javaScript });

    /** Where a question is asked: over the page, or on one of its own. */
    const question = (page) => (javaScript ? page.getByRole("dialog") : page.getByRole("main"));

    test("the session ends with signing out, and no script gets at it", async () => {
      const page = await open(ADMIN_TOKEN);
      const [cookie] = await page.context().cookies();
      assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Strict", "/"]);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL("**/login");
      await page.goto("/trash");
      assert.match(page.url(), /\/login\?next=\/trash$/);
      await page.getByRole("button", { name: "Sign in as admin" }).click();
      await page.waitForURL("**/trash");
      await finish(page);
    });

    test("a project is deleted and comes back by undo", async () => {
      const { id } = await project(`Garden ${javaScript}`);
      const page = await open(ADMIN_TOKEN);
      await page.getByRole("link", { name: `Delete project Garden ${javaScript}` }).click();
      const asked = question(page);
      await asked.getByText("1 project and 2 tasks").waitFor();
      await asked.getByLabel("Reason").fill("no rain");
      await asked.getByRole("button", { name: "Delete" }).click();
      const toast = page.getByRole("status");
      await toast.getByText("is in the trash: 1 project and 2 tasks.").waitFor();
      assert.equal((await api("GET", `/projects/${id}`)).deletion.reason, "no rain");
      await toast.getByRole("button", { name: "Undo" }).click();
      await toast.getByText("Restored 1 project and 2 tasks.").waitFor();
      assert.equal((await api("GET", `/projects/${id}`)).deletion, null);
      await page.reload();
      assert.equal(await toast.textContent(), "");
      await finish(page);
    });

    test("a question can be left", async () => {
      const { id } = await project(`Left ${javaScript}`);
      const page = await open(ADMIN_TOKEN);
      await page.getByRole("link", { name: `Delete project Left ${javaScript}` }).click();
      await question(page).getByRole("link", { name: "Cancel" }).click();
      await page.waitForURL("**/projects");
      assert.equal(await page.getByRole("dialog").count(), 0);
      assert.equal((await api("GET", `/projects/${id}`)).deletion, null);
      await finish(page);
    });

    test("what has no conflict is restored from the list at once", async () => {
      const { id } = await project(`Lake ${javaScript}`);
      await api("DELETE", `/projects/${id}`);
      const page = await open(ADMIN_TOKEN);
      await page.goto("/trash");
      await page.getByRole("button", { name: `Restore project “Lake ${javaScript}”` }).click();
      await page.getByRole("status").getByText("Restored 1 project and 2 tasks.").waitFor();
      assert.equal((await api("GET", `/projects/${id}`)).deletion, null);
      await finish(page);
    });

    for (const [choice, said, slug] of [
      ["Rename", "Restored 1 project and 2 tasks.", (old) => `${old}-restored`],
      ["Replace", "Replaced, and now in the trash: 1 project.", (old) => old],
      ["Skip", "Left in the trash:", null],
    ]) {
      test(`a conflict asks what to do: ${choice}`, async () => {
        const name = `${choice} ${javaScript}`;
        const { lost, holder } = await conflict(name);
        const page = await open(ADMIN_TOKEN);
        await page.goto("/trash");
        await page.getByRole("button", { name: `Restore project “${name}”` }).click();
        const asked = question(page);
        await asked.getByRole("heading", { name: `Restore “${name}”` }).waitFor();
        const link = asked.getByRole("link", { name: `“${name} again”` });
        assert.equal(await link.getAttribute("href"), `/projects/${holder.id}`);
        await asked.getByLabel(choice, { exact: true }).check();
        await asked.getByRole("button", { name: "Restore" }).click();
        await page.getByRole("status").getByText(said).waitFor();
        const now = await api("GET", `/projects/${lost.id}`);
        assert.equal(slug ? now.slug : now.title, slug ? slug(lost.slug) : "Deleted");
        await finish(page);
      });
    }

    test("removing for good wants a box checked", async () => {
      const { id } = await project(`Gone ${javaScript}`);
      const { id: deletion } = await api("DELETE", `/projects/${id}`);
      const page = await open(ADMIN_TOKEN);
      await page.goto(`/trash/${deletion}`);
      await page.getByRole("link", { name: "Remove for good…" }).click();
      const asked = question(page);
      await asked.getByRole("button", { name: "Remove for good" }).click();
      assert.equal((await api("GET", `/projects/${id}`)).title, "Deleted");
      await asked.getByLabel("I know that no one can bring it back.").check();
      await asked.getByRole("button", { name: "Remove for good" }).click();
      await page.getByRole("status").getByText("for good.").waitFor();
      await assert.rejects(api("GET", `/projects/${id}`), /404/);
      await finish(page);
    });

    test("members take their own task back and don't see the trash", async () => {
      const { id } = await project(`Mine ${javaScript}`, 0);
      await api("POST", "/tasks", { project_id: id, title: "My own" }, MEMBER_TOKEN);
      const page = await open(MEMBER_TOKEN);
      assert.equal(await page.getByRole("link", { name: "Trash" }).count(), 0);
      await page.getByRole("link", { name: `Mine ${javaScript}` }).click();
      await page.getByRole("link", { name: "Delete task My own" }).click();
      await question(page).getByRole("button", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("status").getByText("Restored 1 task.").waitFor();
      const refused = await page.goto("/trash");
      assert.equal(refused.status(), 403);
      await finish(page);
    });
  });
}

test("the keyboard is enough", async () => {
  const { id } = await project("Keys");
  const page = await visitor(browser, { token: ADMIN_TOKEN });
  const press = (key) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
  await press("Tab");
  assert.equal(await focused(), "Skip to the content");
  await press("Enter");
  await page.getByRole("link", { name: "Delete project Keys" }).focus();
  await press("Enter");
  await page.getByRole("dialog").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "reason");
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await focused(), "Delete…", "the focus is where it was");

  await press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("typed");
  await press("Enter");
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.waitFor();
  await press("Tab");
  await press("Enter");
  for (let n = 0; n < 10 && (await focused()) !== "Undo"; n += 1) await press("Tab");
  const ring = await undo.evaluate((button) => getComputedStyle(button).outlineWidth);
  assert.equal(ring, "3px");
  await press("Enter");
  await page.getByRole("status").getByText("Restored 1 project and 2 tasks.").waitFor();
  assert.equal((await api("GET", `/projects/${id}`)).deletion, null);
  await finish(page);
});

test("a link on another site finds the session", async () => {
  const page = await visitor(browser, { token: ADMIN_TOKEN });
  await page.goto("about:blank");
  await page.setContent(`<a href="${BASE_URL}/trash?q=a">To the trash</a>`);
  await page.getByRole("link").click();
  await page.waitForURL("**/trash?q=a");
  await finish(page);
});

test("the script announces and dismisses what was done", async () => {
  const { id } = await project("Notice", 0);
  await api("DELETE", `/projects/${id}`);
  const page = await visitor(browser, { token: ADMIN_TOKEN });
  await page.goto("/trash?q=Notice");
  await page.getByRole("button", { name: "Restore project “Notice”" }).click();
  await page.getByRole("status").getByText("Restored 1 project.").waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  assert.equal(await page.getByRole("status").textContent(), "");
  await finish(page);
});

for (const [device, viewport] of [["phone", PHONE], ["desktop", DESKTOP]]) {
  for (const scheme of ["light", "dark"]) {
    test(`all pages are fit for a ${device} in ${scheme}`, async () => {
      const { deletion, holder } = await conflict(`Views ${device} ${scheme}`);
      const { id } = await project(`<b>A name as long as names get</b> ${"and so on ".repeat(15)}`.trim(), 1);
      await api("DELETE", `/projects/${id}?reason=${"a long reason ".repeat(30)}`);
      const kept = await project(`Kept ${device} ${scheme}`);
      const task = (await api("GET", `/tasks?project_id=${kept.id}`)).items[0];
      const { id: below } = await api("DELETE", `/tasks/${task.id}`);
      await api("DELETE", `/projects/${kept.id}`);

      const page = await visitor(browser, { viewport, scheme });
      const look = async (name) => {
        await screenshot(page, `${device}-${scheme}-${name}`);
        assert.deepEqual(await violations(page), [], name);
        assert.equal(await overflow(page), 0, `${name} is as wide as the window`);
      };
      await page.goto("/login");
      await look("login");
      await page.getByLabel("API token").fill("wrong");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("alert").waitFor();
      await look("login-wrong");
      await page.getByRole("button", { name: "Sign in as admin" }).click();
      await page.waitForURL("**/projects");
      await look("projects");
      for (const [name, path] of [
        ["project", "/projects/1"],
        ["delete", "/projects/1/delete"],
        ["trash", "/trash"],
        ["trash-none", "/trash?q=there+is+no+such+thing&type=task"],
        ["deletion", `/trash/${deletion}`],
        ["deletion-parent", `/trash/${below}`],
        ["restore", `/trash/${deletion}/restore`],
        ["restore-parent", `/trash/${below}/restore`],
        ["remove", `/trash/${deletion}/remove`],
        ["missing", "/nowhere"],
      ]) {
        await page.goto(path);
        await look(name);
      }
      await page.goto(`/trash/${deletion}`);
      await page.getByRole("link", { name: "Restore…" }).click();
      await page.getByRole("dialog").waitFor();
      await look("dialog");
      await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
      await page.getByRole("status").getByText("Restored").waitFor();
      await look("toast");
      await page.goto(`/projects/${holder.id}`);
      await page.getByRole("link", { name: `Delete project Views ${device} ${scheme} again` }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Undo" }).waitFor();
      await look("toast-undo");
      await finish(page);
    });
  }
}
