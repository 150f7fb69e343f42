import { defineConfig } from '@playwright/test';

const port = Number(process.env.PORT ?? 8099);
process.env.OUT ??= 'out'; // run.sh sets it

export default defineConfig({
  testDir: 'tests',
  outputDir: `${process.env.OUT}/test-results`,
  retries: 1,
  workers: 1,
  preserveOutput: 'always',
  timeout: 20_000,
  reporter: [
    ['list'],
    ['junit', { outputFile: `${process.env.OUT}/results/junit-playwright.xml` }],
    ['json', { outputFile: `${process.env.OUT}/results/playwright.json` }],
  ],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    screenshot: 'on',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    },
  },
  webServer: { command: 'node server.mjs', url: `http://127.0.0.1:${port}/`, reuseExistingServer: false },
});
