import { defineConfig } from "@playwright/test";

// `./test.sh` starts what the tests need, and sets these variables.
export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  workers: 1, // One API, one database.
  timeout: 60_000,
  expect: { timeout: 15_000 }, // Longer than a busy machine takes.
  retries: 1, // What needs it is reported as flaky.
  forbidOnly: !!process.env.CI,
  reporter: "list",
  use: {
    baseURL: process.env.BASE_URL,
    browserName: "chromium",
    launchOptions: { executablePath: process.env.CHROMIUM || "/usr/bin/chromium" },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
});
