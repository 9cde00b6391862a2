// A client's way from the first visit to the document, and back out.
import { readFileSync } from 'node:fs';

import { FIGURES, REPORT, SLIDES, genuine } from '../../support/documents';
import { codeIn, linkIn } from '../../support/mail';
import { OPS } from '../../support/portal';
import { alert, alive, arrive, becomeClient, collect, deposit, depositOne, enterCode, enterPassword, open, signIn, signOut, signUp } from '../../support/steps';
import { expect, test } from '../../support/test';

test('a client signs up, types the code, and collects a document byte for byte', async ({ page, another, portal, person }) => {
  const ops = await another();
  await signIn(ops, OPS);
  await deposit(ops, genuine(REPORT), genuine(FIGURES), genuine(SLIDES));

  const ben = person();
  await signUp(page, ben);
  await expect(page.getByText(ben.email)).toBeVisible();
  const mail = await portal.mailbox.next(ben.email, /code/);
  await enterCode(page, codeIn(mail));
  await arrive(page, '/documents');

  for (const name of [REPORT, FIGURES, SLIDES]) {
    const row = page.getByRole('row').filter({ hasText: name });
    await expect(row.first()).toContainText(OPS.name);
    const got = await collect(page, name);
    expect(got.name).toBe(name);
    expect(got.bytes.equals(readFileSync(genuine(name)))).toBe(true);
  }
});

test('the link in the mail confirms the address, once, and only when the button is pressed', async ({ page, another, portal, person }) => {
  const ben = person();
  await signUp(page, ben);
  const link = linkIn(await portal.mailbox.next(ben.email, /code/), 'confirm');

  // A mail scanner follows the link: nothing happens.
  await page.request.get(link);
  await open(page, '/documents');
  await arrive(page, '/verify');

  await page.goto(link);
  await alive(page);
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await arrive(page, '/documents');

  const later = await another();
  await later.goto(link);
  await alive(later);
  await expect(later.getByRole('heading', { name: 'This link was used already' })).toBeVisible();
  await later.getByRole('link', { name: 'Go to sign-in' }).click();
  await arrive(later, '/login');
});

test('in another browser the link asks for a password, and that of the sign-up opens nothing', async ({ page, another, portal, person }) => {
  const ben = person();
  await signUp(await another(), ben);
  const link = linkIn(await portal.mailbox.next(ben.email, /code/), 'confirm');
  // As some mail programs mark it in a text.
  await page.goto(`${link}.`);
  await alive(page);
  await expect(page.getByText(ben.email)).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill('a password of my own');
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await arrive(page, '/documents');

  const stranger = await another();
  await open(stranger, '/login');
  await enterPassword(stranger, ben.email, ben.password);
  await expect(alert(stranger)).toBeVisible();
});

test('before the address is confirmed nothing opens but the page that says so', async ({ page, portal, person }) => {
  const ben = person();
  await signUp(page, ben);
  for (const path of ['/documents', '/account', '/ops', '/ops/upload', '/']) {
    await page.goto(path);
    await arrive(page, '/verify');
  }
  await enterCode(page, '000000' === codeIn(await portal.mailbox.next(ben.email, /code/)) ? '000001' : '000000');
  await expect(alert(page)).toBeVisible();
  await arrive(page, '/verify');
});

test('a mistyped address is corrected before it is confirmed', async ({ page, portal, person }) => {
  const wrong = person();
  const right = person();
  await signUp(page, wrong);
  await page.getByText(/wrong address/i).click();
  await page.getByLabel('The right e-mail address').fill(right.email);
  await page.getByRole('button', { name: 'Send the mail there' }).click();
  const mail = await portal.mailbox.next(right.email, /code/);
  await alive(page);
  await expect(page.getByText(right.email).first()).toBeVisible();
  await enterCode(page, codeIn(mail));
  await arrive(page, '/documents');
});

test('a sign-up with a known address looks the same and tells its owner by mail', async ({ page, another, portal, person }) => {
  const ben = person();
  await becomeClient(page, portal, ben);
  const stranger = await another();
  await signUp(stranger, { ...ben, password: 'a guess that opens nothing' });
  await expect(stranger.getByText(ben.email)).toBeVisible();
  await portal.mailbox.next(ben.email, /already/);
});

test('a wrong password and an unknown address get the same answer', async ({ page, portal, person, another }) => {
  const ben = person();
  await becomeClient(await another(), portal, ben);
  const answers: string[] = [];
  for (const email of [ben.email, person().email]) {
    await open(page, '/login');
    await enterPassword(page, email, 'not the password at all');
    await expect(alert(page)).toBeVisible();
    answers.push(await alert(page).innerText());
    await arrive(page, '/login');
  }
  expect(answers[0]).toBe(answers[1]);
});

test('after signing out the old cookie opens nothing', async ({ page, context, portal, person, playwright }) => {
  await becomeClient(page, portal, person());
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const replay = await playwright.request.newContext({ baseURL: portal.url, extraHTTPHeaders: { cookie } });
  expect((await replay.get('/documents', { maxRedirects: 0 })).status()).toBe(200);

  await signOut(page);
  const answer = await replay.get('/documents', { maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  expect(answer.headers().location).toContain('/login');
  await replay.dispose();
  await page.goto('/documents');
  await arrive(page, '/login');
});

test('a deep link leads through sign-in to that very document', async ({ page, another, portal, person }) => {
  const ops = await another();
  await signIn(ops, OPS);
  await depositOne(ops, genuine('Share register.xlsx'));
  const document = new URL(ops.url()).pathname;

  const ben = person();
  await becomeClient(page, portal, ben);
  await signOut(page);

  await page.goto(document);
  await arrive(page, '/login');
  await enterPassword(page, ben.email, ben.password);
  await arrive(page, document);
  await expect(page.getByRole('heading', { name: 'Share register.xlsx' })).toBeVisible();
});

test('a forgotten password is replaced, and the old sessions end', async ({ page, another, portal, person }) => {
  const ben = person();
  const elsewhere = await another();
  await becomeClient(elsewhere, portal, ben);

  await open(page, '/forgot');
  await page.getByLabel('E-mail address').fill(ben.email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText(/if that address has an account/i)).toBeVisible();
  const link = linkIn(await portal.mailbox.next(ben.email, /new password/), 'reset');

  await page.goto(link);
  await alive(page);
  await page.getByLabel('New password', { exact: true }).fill('quite another sentence');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await arrive(page, '/login');
  await portal.mailbox.next(ben.email, /was changed/);

  await elsewhere.goto('/documents');
  await arrive(elsewhere, '/login');
  await enterPassword(page, ben.email, ben.password);
  await expect(alert(page)).toBeVisible();
  await enterPassword(page, ben.email, 'quite another sentence');
  await arrive(page, '/documents');
});

test('an unknown address asks for a new password and gets the same answer', async ({ page, portal, person }) => {
  const nobody = person();
  await open(page, '/forgot');
  await page.getByLabel('E-mail address').fill(nobody.email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText(/if that address has an account/i)).toBeVisible();
  expect(portal.mailbox.to(nobody.email)).toEqual([]);
});
