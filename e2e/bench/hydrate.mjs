// What a page costs a browser: `node hydrate.mjs URL EMAIL PASSWORD PATH …`. URL is a portal that runs; the page is opened
// cold, on a processor that is four times as slow. Prints one line of JSON for each path: the bytes that were transferred,
// and medians of the milliseconds until the page was there and until it had come to life. Without an e-mail address (`-`)
// nobody signs in.
import { chromium } from '@playwright/test';

const ROUNDS = 9;
const SLOWER = 4;

const [url, email, password, ...paths] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.STRONGROOM_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const signedIn = await stateOf(email, password);
  for (const path of paths) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await openCold(path, signedIn));
    const middle = (what) => Math.round(rounds.map(what).sort((one, other) => one - other)[ROUNDS >> 1]);
    console.log(JSON.stringify({ path, bytes: middle((it) => it.bytes), there_ms: middle((it) => it.there), alive_ms: middle((it) => it.alive) }));
  }
} finally {
  await browser.close();
}

/** The cookies of somebody who has signed in. */
async function stateOf(email, password) {
  if (email === '-') return undefined;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(new URL('/login', url).href);
  await page.locator('html[data-alive]').waitFor();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((there) => there.pathname !== '/login');
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Opens a page in a browser that has never seen the portal. */
async function openCold(path, storageState) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  let bytes = 0;
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  // Written down in the page: a message to this script would come late.
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.documentElement?.hasAttribute('data-alive')) return;
      observer.disconnect();
      window.cameAlive = performance.now();
    }).observe(document, { attributes: true, childList: true, subtree: true });
  });
  await page.goto(new URL(path, url).href);
  await page.waitForFunction(() => window.cameAlive !== undefined);
  const [there, alive] = await page.evaluate(() => [
    performance.getEntriesByType('navigation')[0].domContentLoadedEventStart,
    window.cameAlive,
  ]);
  await context.close();
  return { bytes, there, alive };
}
