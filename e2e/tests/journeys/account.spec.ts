// The account page, and the wait before another mail is sent.
import { Api } from '../../support/api';
import { REPORT, genuine } from '../../support/documents';
import { codeIn } from '../../support/mail';
import { OPS } from '../../support/portal';
import { alert, alive, arrive, becomeClient, enterCode, enterPassword, open, scripted, signIn, signUp } from '../../support/steps';
import { expect, test } from '../../support/test';

test('changing the password asks for the old one and ends the other sessions', async ({ page, another, portal, person }) => {
  const ben = person();
  await becomeClient(page, portal, ben);
  const elsewhere = await another();
  await signIn(elsewhere, ben);

  const change = async (current: string) => {
    await open(page, '/account');
    await page.getByLabel('Current password').fill(current);
    await page.getByLabel('New password').fill('quite another sentence');
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  await change('not the password at all');
  await expect(alert(page)).toBeVisible();
  await change(ben.password);
  await expect(page.getByText(/your password is changed/i)).toBeVisible();
  await portal.mailbox.next(ben.email, /was changed/);

  await elsewhere.goto('/documents');
  await arrive(elsewhere, '/login');
  await enterPassword(elsewhere, ben.email, 'quite another sentence');
  await arrive(elsewhere, '/documents');
  await open(page, '/documents');
  await arrive(page, '/documents');
});

test('a session is seen and ended from another', async ({ page, another, portal, person }) => {
  const ben = person();
  await becomeClient(page, portal, ben);
  const forgotten = await another();
  await signIn(forgotten, ben);

  await open(page, '/account');
  await page.getByRole('button', { name: /^End the session of/ }).click();
  await expect(page.getByRole('button', { name: /^End the session of/ })).toHaveCount(0);
  await expect(page.getByText('This one')).toBeVisible();
  await forgotten.goto('/documents');
  await arrive(forgotten, '/login');
});

test('a token is shown once, works for a program, and is revoked', async ({ page, portal, person }) => {
  await becomeClient(page, portal, person());
  await open(page, '/account');
  await page.getByLabel('What is it for?').fill('Month end');
  await page.getByRole('button', { name: 'Create token' }).click();
  const field = page.getByRole('textbox', { name: 'API token' });
  const token = await field.inputValue();
  const ask = () => fetch(`${portal.url}/api/v1/files`, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask()).status).toBe(200);

  await open(page, '/account');
  await expect(field).toHaveCount(0);
  await page.getByRole('button', { name: 'Revoke the token Month end' }).click();
  await expect(page.getByText('Month end')).toHaveCount(0);
  expect((await ask()).status).toBe(401);
});

test('another verification mail can be had after a minute, and only its code works', async ({ another, ownPortal, person }) => {
  const portal = await ownPortal({ clocked: true });
  const page = await another(portal);
  if (scripted()) await page.clock.install();
  const ben = person();
  await signUp(page, ben);
  const first = codeIn(await portal.mailbox.next(ben.email, /code/));
  const again = page.getByRole('button', { name: 'Send it again' });
  if (scripted()) {
    await expect(again).toBeDisabled();
    await expect(page.getByText(/possible again in/i)).toBeVisible();
    await page.clock.fastForward('01:05');
  } else {
    await again.click();
    await expect(alert(page)).toBeVisible();
  }
  await portal.advance(65);
  await again.click();
  const second = codeIn(await portal.mailbox.next(ben.email, /code/));
  await alive(page);
  if (first !== second) {
    await enterCode(page, first);
    await expect(alert(page)).toBeVisible();
  }
  await enterCode(page, second);
  await arrive(page, '/documents');
});

test('ops see to whom a document was handed over', async ({ page, portal, person, another }) => {
  const ops = await Api.signIn(portal, OPS);
  await ops.deposit(genuine(REPORT), 'Handed over once.docx');
  const ben = person();
  await becomeClient(await another(), portal, ben);
  await (await Api.signIn(portal, ben)).collect('Handed over once');

  await signIn(page, OPS);
  await expect(async () => {
    await open(page, '/ops/documents?q=Handed+over+once');
    await expect(page.locator('tbody tr')).toContainText('1 person', { timeout: 500 });
  }).toPass();
  await open(page, '/ops/activity?action=download.handed_over');
  await expect(page.getByRole('row').filter({ hasText: ben.email }).first()).toContainText('Handed over once.docx');
});
