// The whole way once more over PostgreSQL: what is written is read, and text is ordered and searched alike.
import { readFileSync } from 'node:fs';

import { FIGURES, REPORT, genuine } from '../../support/documents';
import { OPS } from '../../support/portal';
import { becomeClient, collect, deposit, open, signIn } from '../../support/steps';
import { expect, test } from '../../support/test';

const database = process.env.STRONGROOM_TEST_POSTGRES;

test('a document goes from ops to a client over PostgreSQL', async ({ another, ownPortal, person }) => {
  test.skip(!database, 'STRONGROOM_TEST_POSTGRES is not set');
  const portal = await ownPortal({ settings: { STRONGROOM_DATABASE_URL: database ?? '' } });
  const ops = await another(portal);
  await signIn(ops, OPS);
  await deposit(ops, genuine(REPORT), genuine(FIGURES));

  const page = await another(portal);
  await becomeClient(page, portal, person());
  await open(page, '/documents?q=%C3%9CBERSICHT&sort=name');
  const got = await collect(page, FIGURES);
  expect(got.bytes.equals(readFileSync(genuine(FIGURES)))).toBe(true);
  // It is written down once the connection has said that it took every byte.
  await expect(async () => {
    await ops.goto('/ops/activity?action=download.handed_over');
    await expect(ops.getByRole('main')).toContainText(FIGURES, { timeout: 500 });
  }).toPass();
});
