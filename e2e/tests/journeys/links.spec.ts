// Links open for one account and for a while; whoever comes with a dead one is told why.
import { readFileSync } from 'node:fs';

import { REPORT, genuine } from '../../support/documents';
import { OPS } from '../../support/portal';
import { arrive, becomeClient, collect, depositOne, enterPassword, signIn, signOut } from '../../support/steps';
import { expect, test } from '../../support/test';

test('a client is refused the link of another', async ({ page, another, portal, person, request }) => {
  const ops = await another();
  await signIn(ops, OPS);
  await depositOne(ops, genuine(REPORT));
  const ben = person();
  const first = await another();
  await becomeClient(first, portal, ben);
  const { url } = await collect(first, REPORT);

  const other = person('Ana Other');
  await becomeClient(page, portal, other);
  const answer = await page.goto(url);
  expect(answer?.status()).toBe(404);
  await expect(page.getByText(other.email).first()).toBeVisible();
  await expect(page.getByText(ben.email)).toHaveCount(0);
  await expect(page.getByText(REPORT)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Switch account' })).toBeVisible();

  // Neither does it open for ops, for nobody, or with a letter changed.
  expect((await ops.goto(url))?.status()).toBe(404);
  expect((await request.get(url, { headers: { accept: '*/*' } })).status()).toBe(401);
  const changed = url.slice(0, -8) + (url.at(-8) === 'A' ? 'B' : 'A') + url.slice(-7);
  expect((await first.goto(changed))?.status()).toBe(404);
});

test('switching the account leads to the file', async ({ page, another, portal, person }) => {
  const ops = await another();
  await signIn(ops, OPS);
  await depositOne(ops, genuine(REPORT));
  const ben = person();
  await becomeClient(page, portal, ben);
  const { url } = await collect(page, REPORT);
  await signOut(page);
  await becomeClient(page, portal, person());

  await page.goto(url);
  await page.getByRole('button', { name: 'Switch account' }).click();
  await arrive(page, '/login');
  const begun = page.waitForEvent('download');
  await enterPassword(page, ben.email, ben.password);
  const download = await begun;
  expect(readFileSync(await download.path()).equals(readFileSync(genuine(REPORT)))).toBe(true);
});

test('an expired link is explained to its owner, and the document offered', async ({ another, ownPortal, person }) => {
  const portal = await ownPortal({ clocked: true });
  const ops = await another(portal);
  await signIn(ops, OPS);
  await depositOne(ops, genuine(REPORT));
  const page = await another(portal);
  await becomeClient(page, portal, person());
  const { url } = await collect(page, REPORT);
  expect((await page.request.get(url)).status()).toBe(200);

  await portal.advance(11 * 60);
  expect((await page.request.get(url, { headers: { accept: '*/*' } })).status()).toBe(410);
  await page.goto(url);
  await arrive(page, '/dead-link');
  await expect(page.getByText(/expired|time is over/i).first()).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: /document/i }).first().click();
  await arrive(page, /^\/documents\/.+/);
  const again = await collect(page, REPORT);
  expect(again.bytes.equals(readFileSync(genuine(REPORT)))).toBe(true);
  expect(again.url).not.toBe(url);

  // A session that was idle for too long is over as well.
  await portal.advance(31 * 60);
  await page.goto('/documents');
  await arrive(page, '/login');
});
