// The upload page when it is alive: files are dropped, each has its progress, and one can change one's mind.
import { readFileSync } from 'node:fs';

import { FIGURES, REPORT, genuine } from '../../support/documents';
import { OPS } from '../../support/portal';
import { arrive, depositButton, give, open, signIn, verdicts } from '../../support/steps';
import { expect, test } from '../../support/test';

test('files are dropped on the page and deposited', async ({ page }) => {
  await signIn(page, OPS);
  await open(page, '/ops/upload');
  const files = [REPORT, FIGURES].map((name) => ({ name, base64: readFileSync(genuine(name)).toString('base64') }));
  const transfer = await page.evaluateHandle((dropped) => {
    const data = new DataTransfer();
    for (const { name, base64 } of dropped) {
      data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    }
    return data;
  }, files);
  await page.locator('.drop-zone').dispatchEvent('drop', { dataTransfer: transfer });
  await expect(depositButton(page)).toHaveText('Deposit 2 files');
  await depositButton(page).click();
  await expect(verdicts(page).filter({ hasText: 'Deposited' })).toHaveCount(2);
});

test('one file leads to its page', async ({ page }) => {
  await signIn(page, OPS);
  await open(page, '/ops/upload');
  await give(page, genuine(REPORT));
  await arrive(page, /^\/documents\/.+/);
  await expect(page.getByRole('heading', { name: REPORT })).toBeVisible();
});

test('a slow upload shows its progress, is cancelled, and sent again', async ({ page, context }) => {
  await signIn(page, OPS);
  await open(page, '/ops/upload');
  const network = await context.newCDPSession(page);
  const limits = { offline: false, latency: 0, downloadThroughput: -1 };
  await network.send('Network.emulateNetworkConditions', { ...limits, uploadThroughput: 400_000 });
  const name = 'Site photographs.pptx';
  await give(page, genuine(name));
  const bar = page.getByRole('progressbar', { name: `Upload of ${name}` });
  await expect(bar).toBeVisible();
  await expect(page.locator('.upload-item')).toContainText(/\d.* of 8\.\d MB · .*\/s · .* left/);

  await page.getByRole('button', { name: `Cancel: ${name}` }).click();
  await expect(page.locator('.upload-item')).toContainText('Cancelled');
  await network.send('Network.emulateNetworkConditions', { ...limits, uploadThroughput: -1 });
  await page.getByRole('button', { name: `Try again: ${name}` }).click();
  await arrive(page, /^\/documents\/.+/);
  await expect(page.getByRole('heading', { name })).toBeVisible();
});

test('a connection that breaks is told, and nothing half-received is listed', async ({ page, guard }) => {
  guard.expect(/ERR_CONNECTION_RESET/);
  await signIn(page, OPS);
  await open(page, '/ops/upload');
  await page.route('**/ops/upload', (route) => (route.request().method() === 'POST' ? route.abort('connectionreset') : route.continue()));
  await give(page, genuine('Budget 2027.xlsx'));
  await expect(page.locator('.upload-item')).toContainText('Not arrived');
  await page.unroute('**/ops/upload');
  await open(page, '/ops/documents?q=Budget');
  await expect(page.getByText('Nothing matches')).toBeVisible();
});
