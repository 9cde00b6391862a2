// What ops do: begin, deposit, invite, delete.
import { DRAFT, FIGURES, REFUSED, REPORT, SLIDES, digest, genuine, refused } from '../../support/documents';
import { linkIn } from '../../support/mail';
import { OPS, type Portal } from '../../support/portal';
import { alert, alive, arrive, becomeClient, deposit, depositOne, enterPassword, open, scripted, signIn, signOut, verdicts } from '../../support/steps';
import { expect, test } from '../../support/test';

test('the set-up link of the first start makes the first ops account, once', async ({ another, ownPortal, person }) => {
  const portal = await ownPortal({ empty: true });
  const link = setupLink(portal);
  const page = await another(portal);
  const first = person('Ana Example');
  await open(page, link);
  await page.getByLabel('E-mail address').fill(first.email);
  await page.getByLabel('Your name').fill(first.name);
  await page.getByLabel('Password', { exact: true }).fill(first.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await arrive(page, '/ops');

  const later = await another(portal);
  await open(later, link);
  await expect(later.getByLabel('Your name')).toHaveCount(0);
  await expect(later.getByRole('heading', { level: 1 })).toContainText(/used already/i);
  await open(later, '/login');
  await enterPassword(later, first.email, first.password);
  await arrive(later, '/ops');
});

function setupLink(portal: Portal): string {
  const found = portal.log.match(/https?:\/\/\S+(\/setup\/\S+)/);
  if (!found) throw new Error(`no set-up link in: ${portal.log}`);
  return found[1];
}

test('genuine documents are deposited and shown with what was received', async ({ page }) => {
  await signIn(page, OPS);
  const names = [REPORT, FIGURES, SLIDES];
  await deposit(page, ...names.map(genuine));
  for (const name of names) {
    await expect(verdicts(page).filter({ hasText: name })).toContainText('Deposited');
  }
  await verdicts(page).filter({ hasText: FIGURES }).getByRole('link', { name: 'Open its page' }).click();
  await arrive(page, /^\/documents\/.+/);
  await expect(page.getByRole('heading', { name: FIGURES })).toBeVisible();
  await expect(page.getByLabel('SHA-256')).toHaveValue(digest(genuine(FIGURES)));
  await expect(page.getByRole('main')).toContainText(OPS.name);
});

test('files that are not genuine are refused, each with its reason', async ({ page }) => {
  await signIn(page, OPS);
  await deposit(page, ...REFUSED.map(([name]) => refused(name)));
  for (const [name, reason] of REFUSED) {
    await expect(verdicts(page).filter({ hasText: name }), name).toContainText(reason);
  }
  await open(page, '/ops/documents?q=Macros');
  await expect(page.getByText('Macros.docx')).toHaveCount(0);
});

test('good and bad files in one deposit are judged one by one', async ({ page }) => {
  await signIn(page, OPS);
  await deposit(page, genuine('Engagement letter.docx'), refused('Truncated.docx'));
  await expect(verdicts(page).filter({ hasText: 'Engagement letter.docx' })).toContainText('Deposited');
  await expect(verdicts(page).filter({ hasText: 'Truncated.docx' })).toContainText('incomplete or damaged');
});

test('the page of a document shows ops what was found in it, and clients what concerns them', async ({ page, another, portal, person }) => {
  await signIn(page, OPS);
  await depositOne(page, genuine(DRAFT));
  const report = page.locator('.xray');
  await expect(report.locator('[data-topic=comments] .xray-count')).toHaveText('3');
  await expect(report.getByText('Is this still right? (1)')).toBeHidden();
  await report.locator('summary', { hasText: 'Comments' }).click();
  await expect(report.getByText('Is this still right? (1)')).toBeVisible();
  await expect(report.locator('[data-topic=metadata]')).toContainText('Ana Example');

  const client = await another();
  await becomeClient(client, portal, person());
  await open(client, new URL(page.url()).pathname);
  await expect(client.locator('.xray-facts')).toContainText(/\d+ words/);
  await expect(client.getByRole('main')).not.toContainText(/Is this still right|Comments|tracked/i);
});

test('a document is deleted by typing its name, and is gone for everyone', async ({ page, another, portal, person }) => {
  await signIn(page, OPS);
  await depositOne(page, genuine('Kick-off workshop.pptx'));
  const document = new URL(page.url()).pathname;
  const client = await another();
  await becomeClient(client, portal, person());
  expect((await client.goto(document))?.status()).toBe(200);

  await page.getByText('Delete…').click();
  await page.getByLabel('Name of the document').fill('Kick-off');
  const forGood = page.getByRole('button', { name: 'Delete for good' });
  if (scripted()) {
    await expect(forGood).toBeDisabled();
  } else {
    await forGood.click();
    await expect(alert(page)).toContainText('not its name');
  }
  await arrive(page, document);

  // As another keyboard writes it.
  await page.getByLabel('Name of the document').fill('kick–off workshop.pptx');
  await forGood.click();
  await arrive(page, '/ops/documents');
  await expect(page.getByText('The document is deleted.')).toBeVisible();
  expect((await page.goto(document))?.status()).toBe(404);
  expect((await client.goto(document))?.status()).toBe(404);
});

test('ops invite ops by mail, and the invited choose their own password', async ({ page, another, portal, person }) => {
  const invited = person('Ana Invited');
  await signIn(page, OPS);
  await open(page, '/ops/team');
  await page.getByLabel('E-mail address').fill(invited.email);
  await page.getByRole('button', { name: 'Send invitation' }).click();
  const link = linkIn(await portal.mailbox.next(invited.email, /invites you/), 'invite');
  await expect(page.getByText(invited.email).first()).toBeVisible();

  const theirs = await another();
  await open(theirs, link);
  await expect(theirs.getByText(invited.email)).toBeVisible();
  await theirs.getByLabel('Your name').fill(invited.name);
  await theirs.getByLabel('Password', { exact: true }).fill(invited.password);
  await theirs.getByRole('button', { name: 'Create the account' }).click();
  await arrive(theirs, '/ops');
  await signOut(theirs);
  await enterPassword(theirs, invited.email, invited.password);
  await arrive(theirs, '/ops');

  await open(theirs, link);
  await expect(theirs.getByLabel('Your name')).toHaveCount(0);
});

test('a withdrawn invitation opens nothing', async ({ page, another, portal, person }) => {
  const invited = person();
  await signIn(page, OPS);
  await open(page, '/ops/team');
  await page.getByLabel('E-mail address').fill(invited.email);
  await page.getByRole('button', { name: 'Send invitation' }).click();
  const link = linkIn(await portal.mailbox.next(invited.email, /invites you/), 'invite');
  await alive(page);
  await page.getByRole('button', { name: `Withdraw the invitation for ${invited.email}` }).click();
  await expect(page.getByText(invited.email)).toHaveCount(0);

  const theirs = await another();
  await open(theirs, link);
  await expect(theirs.getByLabel('Your name')).toHaveCount(0);
});

test('ops disable somebody by name, who is out at once and back only when enabled', async ({ page, another, portal, person }) => {
  const client = await another();
  const ben = person();
  await becomeClient(client, portal, ben);
  await signIn(page, OPS);
  await open(page, '/ops/clients');
  await page.getByLabel('Search by name or address').fill(ben.email.toUpperCase());
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: ben.name }).click();
  await arrive(page, /^\/ops\/clients\/.+/);

  await page.getByText('Disable…').click();
  const disable = page.getByRole('button', { name: `Disable the account: ${ben.name}` });
  await expect(page.getByRole('main')).toContainText(ben.email);
  await disable.click();
  await expect(page.getByText('The account is disabled.')).toBeVisible();
  await client.goto('/documents');
  await arrive(client, '/login');
  await enterPassword(client, ben.email, ben.password);
  await expect(alert(client)).toBeVisible();

  await alive(page);
  await page.getByRole('button', { name: `Enable: ${ben.name}` }).click();
  await expect(page.getByText('The account is enabled.')).toBeVisible();
  await signIn(client, ben);
});

test('nobody is offered to disable their own account', async ({ page }) => {
  await signIn(page, OPS);
  await open(page, `/ops/clients?q=${encodeURIComponent(OPS.email)}`);
  await page.getByRole('link', { name: OPS.name }).first().click();
  await arrive(page, /^\/ops\/clients\/.+/);
  await expect(page.getByText('This is your own account.')).toBeVisible();
  await expect(page.getByText('Disable…')).toHaveCount(0);
});

test('clients find no ops pages, and ops see who did what', async ({ page, another, portal, person }) => {
  const client = await another();
  const ben = person();
  await becomeClient(client, portal, ben);
  for (const path of ['/ops', '/ops/upload', '/ops/documents', '/ops/clients', '/ops/team', '/ops/activity']) {
    expect((await client.goto(path))?.status(), path).toBe(404);
  }
  await signIn(page, OPS);
  await open(page, `/ops/activity?q=${encodeURIComponent(ben.email)}`);
  await expect(page.getByRole('main')).toContainText(ben.email);
});
