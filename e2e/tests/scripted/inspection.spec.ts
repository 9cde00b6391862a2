// Before a file is sent: it is inspected in the browser, the report is read, a clean copy takes its place.
import { readFileSync, writeFileSync } from 'node:fs';

import type { Page, Request, Worker } from '@playwright/test';

import { DRAFT, HOSTILE, REPORT, SKETCH, TERMS, genuine, large, refused } from '../../support/documents';
import { OPS, type Portal } from '../../support/portal';
import { arrive, choose, depositButton, judged, open, signIn } from '../../support/steps';
import { expect, test } from '../../support/test';

/** The upload page of somebody who is signed in. */
async function begin(page: Page): Promise<void> {
  await signIn(page, OPS);
  await open(page, '/ops/upload');
}

/** The uploads that leave the page from now on. */
function uploads(page: Page): Request[] {
  const seen: Request[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/ops/upload') seen.push(request);
  });
  return seen;
}

test('a file is inspected, cleaned and deposited, and its page shows no comments', async ({ page }) => {
  await begin(page);
  const sent = uploads(page);
  await choose(page, genuine(DRAFT));
  const report = page.locator('.upload-xray');
  await expect(report.locator('.xray-verdict')).toHaveAttribute('data-verdict', 'accept');
  for (const [topic, count] of [['comments', '3'], ['tracked_changes', '2']]) {
    await expect(report.locator(`[data-topic=${topic}] .xray-count`)).toHaveText(count);
  }
  await report.locator('summary', { hasText: 'Comments' }).click();
  await expect(report.getByText('Is this still right? (2)')).toBeVisible();
  await expect(page.getByText('Nothing has left your computer yet.')).toBeVisible();

  await report.getByRole('checkbox', { name: /tracked changes/ }).uncheck();
  await page.getByRole('button', { name: `Make a clean copy: ${DRAFT}` }).click();
  await expect(page.locator('.upload-item .banner')).toContainText('comments (3)');
  await expect(page.locator('.upload-item .banner p')).toBeFocused();
  await expect(report.locator('[data-topic=comments]')).toHaveCount(0);
  await expect(report.locator('[data-topic=tracked_changes] .xray-count'), 'it was not chosen').toHaveText('2');
  expect(sent).toEqual([]);

  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: `Download the clean copy: ${DRAFT}` }).click();
  const copy = readFileSync(await (await saved).path());
  expect((await saved).suggestedFilename()).toBe(DRAFT);
  expect(copy.subarray(0, 2).toString()).toBe('PK');
  expect(copy.includes('word/comments.xml')).toBe(false);

  await page.getByRole('button', { name: `Deposit the clean copy: ${DRAFT}` }).click();
  await arrive(page, /^\/documents\/.+/);
  await expect(page.getByRole('heading', { name: DRAFT })).toBeVisible();
  await expect(page.locator('[data-topic=tracked_changes]')).toHaveCount(1);
  await expect(page.locator('[data-topic=comments]')).toHaveCount(0);
  await expect(page.getByText(`${copy.length.toLocaleString('en-GB')} bytes`)).toBeVisible();
});

test('the original takes the place of its clean copy again', async ({ page }) => {
  await begin(page);
  await choose(page, genuine(DRAFT));
  await page.getByRole('button', { name: `Make a clean copy: ${DRAFT}` }).click();
  await expect(page.locator('[data-topic=comments]')).toHaveCount(0);
  await page.getByRole('button', { name: `Use the original: ${DRAFT}` }).click();
  await expect(page.locator('[data-topic=comments] .xray-count')).toHaveText('3');
  await depositButton(page).click();
  await arrive(page, /^\/documents\/.+/);
  await expect(page.locator('[data-topic=comments] .xray-count')).toHaveText('3');
});

test('a refused file is told why and never sent', async ({ page }) => {
  await begin(page);
  const sent = uploads(page);
  await choose(page, genuine(TERMS), refused('Macros.docx'));
  const line = page.locator('.upload-item').filter({ hasText: 'Macros.docx' });
  await expect(line.locator('.xray-verdict')).toHaveAttribute('data-verdict', 'refused');
  await expect(line).toContainText('carries macros');
  await expect(line.getByRole('button', { name: /clean copy/ })).toHaveCount(0);
  const remark = page.locator('.upload-item').filter({ hasText: TERMS }).locator('.finding');
  await expect(remark).toHaveAttribute('data-severity', 'flag');

  await depositButton(page).click();
  await expect(page.getByRole('status').filter({ hasText: '1 deposited, 1 not accepted.' })).toBeVisible();
  expect(sent).toHaveLength(1);
});

test('a file is taken off the list before it is sent', async ({ page }) => {
  await begin(page);
  const sent = uploads(page);
  await choose(page, genuine(REPORT), genuine(TERMS));
  await expect(depositButton(page)).toHaveText('Deposit 2 files');
  await page.getByRole('button', { name: `Remove: ${TERMS}` }).click();
  await expect(depositButton(page)).toHaveText('Deposit');
  await depositButton(page).click();
  await arrive(page, /^\/documents\/.+/);
  expect(sent).toHaveLength(1);
});

test('a strict portal refuses embedded objects in the browser, too', async ({ another, ownPortal }) => {
  const refusing = async (portal?: Portal): Promise<string | null> => {
    const page = await another(portal);
    await begin(page);
    await choose(page, genuine(SKETCH));
    return page.locator('.xray-verdict').getAttribute('data-verdict');
  };
  expect(await refusing()).toBe('flagged');
  expect(await refusing(await ownPortal({ settings: { STRONGROOM_STRICT_INSPECTION: 'true' } }))).toBe('refused');
});

test('a name that is markup stays text', async ({ page }) => {
  await begin(page);
  await choose(page, genuine(HOSTILE));
  await page.locator('summary', { hasText: 'Author and properties' }).click();
  await expect(page.locator('[data-topic=metadata]')).toContainText(`<img src="x" onerror="document.title='taken over'">`);
  await depositButton(page).click();
  await arrive(page, /^\/documents\/.+/);
  await expect(page.locator('[data-topic=metadata]')).toContainText('<img src="x"');
  await expect(page.locator('main img')).toHaveCount(0);
  await expect(page).not.toHaveTitle(/taken over/);
});

test('without a worker a file is sent all the same, and the server inspects it', async ({ page, guard }) => {
  guard.expect(/worker\.js/);
  await begin(page);
  await page.route('**/pkg/worker.js', (route) => route.abort('connectionrefused'));
  await choose(page, genuine(REPORT), refused('Macros.docx'));
  await expect(page.getByText('It could not be inspected here.')).toHaveCount(2);
  await depositButton(page).click();
  await expect(page.locator('.upload-item').filter({ hasText: REPORT })).toContainText('Deposited');
  await expect(page.locator('.upload-item').filter({ hasText: 'Macros.docx' })).toContainText('carries macros');
});

test('two inspections that differ are written down', async ({ page }) => {
  await begin(page);
  const blind = `onmessage = () => postMessage({
    verdict: 'accept', sentence: '', summary: '{"verdict":"accept","codes":[]}', html: '', cleanable: false });`;
  await page.route('**/pkg/worker.js', (route) => route.fulfill({ contentType: 'text/javascript', body: blind }));
  await choose(page, refused('Macros.docx'));
  await depositButton(page).click();
  await expect(page.locator('.upload-item')).toContainText('carries macros');
  await open(page, '/ops/activity?action=document.inspection_differed');
  await expect(page.getByRole('table', { name: 'Activity' })).toContainText('Macros.docx');
});

test('a file that is another by the time it is sent is not sent unseen', async ({ page, guard }, info) => {
  guard.expect(/ERR_UPLOAD_FILE_CHANGED/);
  const path = info.outputPath('Changing.docx');
  writeFileSync(path, readFileSync(genuine(REPORT)));
  await begin(page);
  await choose(page, path);
  writeFileSync(path, readFileSync(refused('Macros.docx')));
  await depositButton(page).click();
  // The browser itself notices, and sends nothing.
  await expect(page.locator('.upload-item')).toContainText('Not arrived');
});

test('200 megabytes are inspected while the page goes on, and are never in its memory', async ({ page }) => {
  const path = large(200);
  await begin(page);
  const worker = page.waitForEvent('worker');
  const gaps = await watchFrames(page);
  const begun = performance.now();
  await page.locator('input[type=file]').setInputFiles(path);
  await expect(judged(page)).toContainText('Ready', { timeout: 60_000 });
  const took = performance.now() - begun;
  const { frames, longest } = await gaps();
  expect(frames).toBeGreaterThan(5);
  // On the page's own thread it would be one gap as long as the inspection. How long that is depends on the machine.
  expect(longest, `milliseconds between two frames, of ${took}`).toBeLessThan(took / 3);
  expect(await memoryOf(await worker)).toBeLessThan(16 << 20);
  await expect(page.locator('.xray-facts')).toContainText('20 slides');
});

/** Bytes of the memory of the worker's module, which only ever grows. */
function memoryOf(worker: Worker): Promise<number> {
  return worker.evaluate(async () => {
    const module = await import('/pkg/inspector.js');
    const { memory } = await module.default();
    return memory.buffer.byteLength;
  });
}

/** Counts frames from now on; the answer tells how many there were, and the longest wait between two. */
async function watchFrames(page: Page): Promise<() => Promise<{ frames: number; longest: number }>> {
  const counter = await page.evaluateHandle(() => {
    const seen = { frames: 0, longest: 0, last: performance.now() };
    const count = (now: number): void => {
      seen.longest = Math.max(seen.longest, now - seen.last);
      seen.last = now;
      seen.frames += 1;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    return seen;
  });
  return () => counter.evaluate(({ frames, longest }) => ({ frames, longest }));
}
