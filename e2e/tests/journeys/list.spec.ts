// The list of documents: what is shown stands in the URL, and the URL shows it again.
import type { Page } from '@playwright/test';

import { Api } from '../../support/api';
import { genuine } from '../../support/documents';
import { OPS } from '../../support/portal';
import { alive, arrive, becomeClient, collect, deposit, depositOne, open, scripted, signIn } from '../../support/steps';
import { expect, test } from '../../support/test';

const ALL = ['Budget 2027.xlsx', 'Engagement letter.docx', 'Kick-off workshop.pptx', 'Share register.xlsx'];

const names = async (page: Page): Promise<string[]> => page.locator('tbody .cell-name a').allInnerTexts();

/** Sends the form, which the page does by itself when it is alive. */
async function apply(page: Page): Promise<void> {
  if (!scripted()) await page.getByRole('button', { name: 'Apply' }).click();
}

test('searching, filtering and sorting are in the URL, and the back button undoes them', async ({ another, ownPortal, person }) => {
  const portal = await ownPortal({});
  const ops = await another(portal);
  await signIn(ops, OPS);
  await deposit(ops, ...ALL.map(genuine));

  const page = await another(portal);
  await becomeClient(page, portal, person());
  await expect(page.locator('tbody tr')).toHaveCount(4);

  await page.getByLabel('Search by name').fill('RE');
  await apply(page);
  await expect(page).toHaveURL(/[?&]q=RE/);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.getByLabel('Search by name').fill('');
  await apply(page);
  await expect(page.locator('tbody tr')).toHaveCount(4);

  await page.getByText('Excel', { exact: true }).click();
  await apply(page);
  await expect(page).toHaveURL(/kind=xlsx/);
  await expect(page.locator('tbody tr')).toHaveCount(2);
  await page.getByLabel('Order').selectOption('name_desc');
  await apply(page);
  await expect(page).toHaveURL(/sort=name_desc/);
  await expect.poll(() => names(page)).toEqual(['Share register.xlsx', 'Budget 2027.xlsx']);
  await page.getByLabel('Order').selectOption('name');
  await apply(page);
  await expect.poll(() => names(page)).toEqual(['Budget 2027.xlsx', 'Share register.xlsx']);

  await page.goBack();
  await alive(page);
  await expect.poll(() => names(page)).toEqual(['Share register.xlsx', 'Budget 2027.xlsx']);
  await expect(page.getByLabel('Order')).toHaveValue('name_desc');

  // The same address shows the same to whoever opens it.
  const address = page.url();
  const later = await another(portal);
  await signIn(later, OPS);
  await open(later, new URL(address).pathname + new URL(address).search);
  await expect.poll(() => names(later)).toEqual(['Share register.xlsx', 'Budget 2027.xlsx']);

  await page.getByLabel('Search by name').fill('nothing like this');
  await apply(page);
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await expect(page.locator('tbody tr')).toHaveCount(4);
});

test('a long list is read page by page, without gaps or repetition', async ({ ownPortal, another }) => {
  const portal = await ownPortal({});
  const ops = await another(portal);
  await signIn(ops, OPS);
  const api = await Api.signIn(portal, OPS);
  for (let number = 100; number < 160; number += 1) {
    await api.deposit(genuine('Share register.xlsx'), `Register ${number}.xlsx`);
  }

  await open(ops, '/ops/documents?sort=name');
  const first = await names(ops);
  expect(first).toHaveLength(50);
  await ops.getByRole('link', { name: 'Next' }).click();
  await expect(ops).toHaveURL(/cursor=/);
  await expect(ops.locator('tbody tr')).toHaveCount(10);
  const second = await names(ops);
  expect(new Set([...first, ...second]).size).toBe(60);
  expect([...first, ...second]).toEqual([...first, ...second].toSorted());
  await expect(ops.getByRole('link', { name: 'Next' })).toHaveCount(0);
  await ops.getByRole('link', { name: 'Back to first' }).click();
  await expect(ops.locator('tbody tr')).toHaveCount(50);
});

test('what was handed over is new no longer', async ({ page, another, portal, person }) => {
  const ops = await another();
  await signIn(ops, OPS);
  await depositOne(ops, genuine('Annual accounts 2025.docx'));
  await becomeClient(page, portal, person());
  await open(page, '/documents?q=Annual');
  const row = page.locator('tbody tr').first();
  await expect(row).toContainText('New');
  await collect(page, 'Annual accounts 2025.docx');
  await expect(async () => {
    await open(page, '/documents?q=Annual');
    await expect(row).not.toContainText('New', { timeout: 500 });
  }).toPass();
});

test('a query that means nothing is explained', async ({ page }) => {
  await signIn(page, OPS);
  expect((await page.goto('/ops/documents?sort=random'))?.status()).toBeGreaterThanOrEqual(400);
  await expect(page.getByText('That list cannot be shown')).toBeVisible();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await arrive(page, '/ops/documents');
  await expect(page.getByRole('heading', { name: 'Documents' })).toBeVisible();
});
