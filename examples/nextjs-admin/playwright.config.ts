import { defineConfig } from "@playwright/test";

// `./test.sh` starts what the tests need, and sets these variables.
export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  workers: 1, // One API, one database.
  timeout: 30_000,
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
