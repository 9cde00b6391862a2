// A page brings its data with it: coming to life, it asks for nothing that it has already.
import type { Page } from '@playwright/test';

import { Api } from '../../support/api';
import { genuine } from '../../support/documents';
import { OPS } from '../../support/portal';
import { open, signIn } from '../../support/steps';
import { expect, test } from '../../support/test';

/** The server functions that are asked while `path` is opened. */
async function asked(page: Page, path: string): Promise<string[]> {
  const functions: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') functions.push(new URL(request.url()).pathname);
  });
  await open(page, path);
  // A request in flight would arrive before the answer to this one.
  await page.evaluate(() => fetch('/healthz').then((answer) => answer.text()));
  page.removeAllListeners('request');
  return functions;
}

test('no page asks again for what came with it', async ({ page, portal }) => {
  const api = await Api.signIn(portal, OPS);
  await api.deposit(genuine('Share register.xlsx'));
  await signIn(page, OPS);
  const missing = '/documents/0198c0de-0000-7000-8000-000000000001';
  for (const path of ['/ops', '/ops/documents', '/ops/clients', '/ops/team', '/ops/activity', '/account', missing, '/documents?q=nothing+like+this']) {
    expect(await asked(page, path), path).toEqual([]);
  }
});
