// Every page as people see it, in light and dark and on a phone, into e2e/screenshots: to be looked at.
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { Api } from '../../support/api';
import { DRAFT, FIGURES, REPORT, SKETCH, SLIDES, TERMS, genuine, refused } from '../../support/documents';
import { linkIn } from '../../support/mail';
import { OPS, type Person, type Portal } from '../../support/portal';
import { alert, alive, arrive, choose, collect, depositButton, enterPassword, give, open, openMenu, signIn, signUp, verdicts } from '../../support/steps';
import { expect, test } from '../../support/test';

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

/** Three pictures of what is shown now. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await picture(page, name, 'light');
  // A phone's screen as long as the page, because a bar at its bottom would stand in the middle of a long picture.
  await page.setViewportSize(NARROW);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...NARROW, height: Math.max(height, NARROW.height) });
  await picture(page, name, 'phone');
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await picture(page, name, 'dark');
}

async function picture(page: Page, name: string, kind: string): Promise<void> {
  // The colours of the page before are on the screen until the next frame.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect.soft(overflow, `${name} is wider than the screen (${kind})`).toBeLessThanOrEqual(0);
  await page.screenshot({ path: join(import.meta.dirname, '../../screenshots', `${name}-${kind}.png`), fullPage: true });
}

/** Opens a page and takes its pictures. */
async function show(page: Page, path: string, name: string): Promise<void> {
  await open(page, path);
  await shoot(page, name);
}

test.describe.configure({ timeout: 240_000 });
test.use({ viewport: WIDE });

const BEN: Person = { name: 'Ben Example', email: 'ben@example.com', password: 'a sentence of one’s own' };

test('before signing in', async ({ another, ownPortal, portal, person }) => {
  const empty = await ownPortal({ empty: true });
  const first = await another(empty);
  const setup = empty.log.match(/\/setup\/\S+/)?.[0] ?? '';
  await show(first, setup, '01-setup');

  const page = await another();
  await show(page, '/login', '02-login');
  await enterPassword(page, 'ben@example.com', 'not the password at all');
  await alert(page).waitFor();
  await shoot(page, '03-login-wrong');
  await show(page, '/signup', '04-signup');
  await page.getByLabel('Your name').fill(BEN.name);
  await page.getByLabel('E-mail address').fill(BEN.email);
  await page.getByLabel('Password', { exact: true }).fill('password1234');
  await page.getByRole('button', { name: 'Create account' }).click();
  await alert(page).waitFor();
  await shoot(page, '05-signup-refused');

  const ben = person();
  await signUp(page, ben);
  await shoot(page, '06-verify');
  await page.getByText('Wrong address?').click();
  await page.getByLabel('Six-digit code').fill('000000');
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await alert(page).waitFor();
  await shoot(page, '07-verify-wrong-code');
  const mail = await portal.mailbox.next(ben.email, /code/);
  await show(page, linkIn(mail, 'confirm'), '08-confirm');
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await arrive(page, '/documents');
  await shoot(page, '09-documents-empty');

  const forgetful = await another();
  await show(forgetful, '/forgot', '10-forgot');
  await forgetful.getByLabel('E-mail address').fill(ben.email);
  await forgetful.getByRole('button', { name: 'Send the link' }).click();
  await expect(forgetful.getByText(/if that address has an account/i)).toBeVisible();
  await shoot(forgetful, '11-forgot-sent');
  await show(forgetful, linkIn(await portal.mailbox.next(ben.email, /new password/), 'reset'), '12-reset');
  await show(forgetful, '/invite/spent', '13-invite-over');
  // In a page of its own: the portal's policy does not apply to mails.
  const reader = await another();
  await reader.setContent(mail.html);
  await shoot(reader, '14-mail');
});

test('a client and ops at work', async ({ another, ownPortal }) => {
  const portal = await ownPortal({ clocked: true });
  await furnish(portal);
  const ben = await another(portal);
  await signUp(ben, BEN);
  await open(ben, linkIn(await portal.mailbox.next(BEN.email, /code/), 'confirm'));
  await ben.getByRole('button', { name: 'Confirm my address' }).click();
  await arrive(ben, '/documents');
  const api = await Api.signIn(portal, BEN);
  for (const words of ['Quarterly', 'Minutes', 'Budget']) await api.collect(words);
  await collectorsPages(ben, portal);

  const ana = await another(portal);
  await ana.goto('/login');
  await alive(ana);
  await enterPassword(ana, OPS.email, 'a slip of the finger');
  await alert(ana).waitFor();
  await signIn(ana, OPS);
  await opsPages(ana);
  await developmentPages(ana);

  await open(ben, '/documents');
  const link = await collect(ben, SLIDES);
  await ana.goto(link.url);
  await shoot(ana, '30-foreign-link');
  await portal.advance(11 * 60);
  await ben.goto(link.url);
  await arrive(ben, '/dead-link');
  await shoot(ben, '31-dead-link');
});

/** Documents of three days. */
async function furnish(portal: Portal): Promise<void> {
  const names = ['Share register.xlsx', 'Engagement letter.docx', 'Annual accounts 2025.docx', 'Kick-off workshop.pptx'];
  const later = ['Minutes of the general meeting held on 3 November 2026, with all resolutions and annexes.docx', 'Budget 2027.xlsx'];
  const latest = ['Site photographs.pptx', FIGURES, SLIDES, REPORT];
  const api = await Api.signIn(portal, OPS);
  for (const name of [...names, ...later, ...latest]) await api.deposit(genuine(name));
}

async function collectorsPages(page: Page, portal: Portal): Promise<void> {
  await show(page, '/documents', '15-documents');
  await openMenu(page);
  await shoot(page, '16-menu');
  await show(page, '/documents?q=nothing+like+this&kind=xlsx', '17-documents-no-match');
  await open(page, '/documents?q=minutes');
  await page.locator('.cell-name a').click();
  await arrive(page, /^\/documents\/.+/);
  await shoot(page, '18-document');
  await open(page, '/account');
  await page.getByLabel('What is it for?').fill('Nightly import');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByText('shown only this once')).toBeVisible();
  await shoot(page, '19-account');
  await show(page, '/documents/0198c0de-0000-7000-8000-000000000001', '20-not-found');
  await page.goto(`${portal.url}/download/v4.local.nothing`);
  await shoot(page, '21-link-unknown');
}

async function opsPages(page: Page): Promise<void> {
  await show(page, '/ops', '22-overview');
  await show(page, '/ops/upload', '23-upload');
  await give(page, genuine('Engagement letter.docx'), refused('Macros.docx'), refused('Protected.docx'), refused('Notes.txt'));
  await expect(verdicts(page)).toHaveCount(4);
  await shoot(page, '24-upload-verdicts');
  await reviewing(page);
  await show(page, '/ops/documents', '25-ops-documents');
  await open(page, '/ops/documents?q=letter');
  await page.locator('.cell-name a').first().click();
  await arrive(page, /^\/documents\/.+/);
  await shoot(page, '26-ops-document');
  await page.getByText('Delete…').click();
  await shoot(page, '27-delete');
  await show(page, '/ops/clients', '41-clients');
  await page.getByRole('main').getByRole('link', { name: 'Ben' }).first().click();
  await arrive(page, /^\/ops\/clients\/.+/);
  await shoot(page, '42-client');
  await page.getByText('Disable…').click();
  await shoot(page, '43-disable');
  await open(page, '/ops/team');
  await page.getByLabel('E-mail address').fill('ana.invited@example.com');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByText('ana.invited@example.com')).toBeVisible();
  await shoot(page, '28-team');
  await show(page, '/ops/activity', '29-activity');
}

/** What is shown before a byte leaves. */
async function reviewing(page: Page): Promise<void> {
  await open(page, '/ops/upload');
  await choose(page, genuine(TERMS), genuine(SKETCH), refused('Macros.docx'));
  await shoot(page, '36-upload-remarks');
  await open(page, '/ops/upload');
  await choose(page, genuine(DRAFT));
  await page.locator('.xray-topic summary', { hasText: 'Comments' }).click();
  await shoot(page, '37-upload-report');
  await page.getByRole('button', { name: `Make a clean copy: ${DRAFT}` }).click();
  await page.getByRole('button', { name: 'Deposit the clean copy' }).waitFor();
  await shoot(page, '38-upload-clean-copy');
  await page.getByRole('button', { name: 'Use the original' }).click();
  await page.route('**/pkg/worker.js', (route) => route.fulfill({ contentType: 'text/javascript', body: 'onmessage = () => {};' }));
  await depositButton(page).click();
  await arrive(page, /^\/documents\/.+/);
  await page.locator('.xray-topic summary', { hasText: 'Tracked changes' }).click();
  await shoot(page, '39-document-report');
  await open(page, '/ops/upload');
  await page.locator('input[type=file]').setInputFiles(genuine(DRAFT));
  await shoot(page, '40-upload-inspecting');
  await page.unroute('**/pkg/worker.js');
}

async function developmentPages(page: Page): Promise<void> {
  await show(page, '/dev/parts', '32-parts');
  await page.goto('/dev/mail');
  await shoot(page, '33-dev-mail');
  await page.getByRole('main').getByRole('link').first().click();
  await page.waitForURL(/\/dev\/mail\/.+/);
  await shoot(page, '34-dev-mail-message');
  await page.goto('/api/v1/docs');
  await shoot(page, '35-api');
}
