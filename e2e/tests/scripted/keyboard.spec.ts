// Signing in and collecting a document without touching the mouse.
import { readFileSync } from 'node:fs';

import { REPORT, genuine } from '../../support/documents';
import { OPS } from '../../support/portal';
import { alive, arrive, becomeClient, depositOne, open, signIn, signOut } from '../../support/steps';
import { expect, test } from '../../support/test';
import type { Page } from '@playwright/test';

/** Presses Tab until the element that has the focus is named so. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) continue;
    const matches = await focused.and(page.getByLabel(name).or(page.getByRole('button', { name })).or(page.getByRole('link', { name }))).count();
    if (matches > 0) {
      await expect(focused).toHaveCSS('outline-style', 'solid');
      return;
    }
  }
  throw new Error(`the focus never comes to ${name}`);
}

test('a client signs in, searches and collects by keyboard alone', async ({ page, another, portal, person }) => {
  const ops = await another();
  await signIn(ops, OPS);
  await depositOne(ops, genuine(REPORT));
  const ben = person();
  await becomeClient(page, portal, ben);
  await signOut(page);

  await open(page, '/login');
  await tabTo(page, 'E-mail address');
  await page.keyboard.type(ben.email);
  await tabTo(page, 'Password');
  await page.keyboard.type(ben.password);
  await page.keyboard.press('Enter');
  await arrive(page, '/documents');

  await page.keyboard.press('/');
  await expect(page.getByLabel('Search by name')).toBeFocused();
  await page.keyboard.type('Quarterly');
  await expect(page).toHaveURL(/q=Quarterly/);
  await tabTo(page, `Download ${REPORT}`);
  const begun = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  const download = await begun;
  expect(readFileSync(await download.path()).equals(readFileSync(genuine(REPORT)))).toBe(true);
});

test('the first stop of the keyboard skips the navigation', async ({ page, portal, person }) => {
  await becomeClient(page, portal, person());
  await open(page, '/documents');
  await page.keyboard.press('Tab');
  await expect(page.locator(':focus')).toHaveText('Skip to the content');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#main$/);
  await alive(page);
});
