// Journeys run twice, with JavaScript and without. The rest needs one or the other.
import { defineConfig } from '@playwright/test';

const chromium = process.env.STRONGROOM_CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  globalSetup: './support/setup.ts',
  // Each worker has a portal of its own. Password hashing keeps a core busy, so more would only wait.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./support/durations.ts']],
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'UTC',
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'js', testMatch: ['journeys/**/*.spec.ts', 'scripted/**/*.spec.ts', 'services/**/*.spec.ts'] },
    { name: 'nojs', testMatch: 'journeys/**/*.spec.ts', use: { javaScriptEnabled: false } },
    { name: 'screenshots', testMatch: 'screenshots/**/*.spec.ts' },
  ],
});
