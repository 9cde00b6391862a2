// What people do on the pages, in the words of the pages. Each step waits until the page that follows has come to life.
import { readFileSync } from 'node:fs';

import { type Locator, type Page, expect, test } from '@playwright/test';

import { codeIn } from './mail';
import { type Person, type Portal, OPS } from './portal';

/** Whether this run has JavaScript. */
export const scripted = (): boolean => test.info().project.use.javaScriptEnabled !== false;

/** Waits until the page has come to life. Without JavaScript it never does, and need not. */
export async function alive(page: Page): Promise<void> {
  if (scripted()) await page.locator('html[data-alive]').waitFor();
}

/** Opens a page. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await alive(page);
}

/** Expects to be on a page, whatever its query. */
export async function arrive(page: Page, path: string | RegExp): Promise<void> {
  await expect(page).toHaveURL((url) => (typeof path === 'string' ? url.pathname === path : path.test(url.pathname)));
  await alive(page);
}

/** Fills in the sign-up form. The next page asks for the code. */
export async function signUp(page: Page, person: Person): Promise<void> {
  await open(page, '/signup');
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await arrive(page, '/verify');
}

/** Types the code from the mail. */
export async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code);
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
}

/** A new client, signed in. */
export async function becomeClient(page: Page, portal: Portal, person: Person): Promise<void> {
  await signUp(page, person);
  await enterCode(page, codeIn(await portal.mailbox.next(person.email, /code/)));
  await arrive(page, '/documents');
}

/** Fills in the sign-in form on the page that is open. */
export async function enterPassword(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Signs in, and arrives at the first page of the role. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await open(page, '/login');
  await enterPassword(page, person.email, person.password);
  await arrive(page, person === OPS ? '/ops' : '/documents');
}

/** Opens the menu in the corner. */
export async function openMenu(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Your account' }).click();
}

/** Signs out by the menu. */
export async function signOut(page: Page): Promise<void> {
  await openMenu(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await arrive(page, '/login');
}

/** Gives files to the upload page, and waits for the last word on each. */
export async function deposit(page: Page, ...paths: string[]): Promise<void> {
  await open(page, '/ops/upload');
  await give(page, ...paths);
  await expect(verdicts(page)).toHaveCount(paths.length);
}

/** Deposits one genuine document, and arrives at its page. */
export async function depositOne(page: Page, path: string): Promise<void> {
  await open(page, '/ops/upload');
  await give(page, path);
  // Alive, the page leads on by itself.
  if (!scripted()) await page.getByRole('link', { name: 'Open its page' }).click();
  await arrive(page, /^\/documents\/.+/);
}

/** Chooses files. Where the page is alive it inspects each, and waits. */
export async function choose(page: Page, ...paths: string[]): Promise<void> {
  await page.locator('input[type=file]').setInputFiles(paths);
  if (scripted()) await expect(judged(page)).toHaveCount(paths.length);
}

/** Chooses files and sends them; those that are refused here stay. */
export async function give(page: Page, ...paths: string[]): Promise<void> {
  await choose(page, ...paths);
  if (!scripted()) return page.getByRole('button', { name: 'Upload' }).click();
  if ((await ready(page).count()) > 0) await depositButton(page).click();
}

/** The button that sends all that is ready. */
export const depositButton = (page: Page): Locator => page.getByRole('button', { name: /^Deposit( \d+ files)?$/ });

/** The files whose inspection in the browser has ended, one element each. */
export const judged = (page: Page): Locator => page.locator('.upload-line', { hasText: /Ready|Not inspected yet|Not accepted/ });

/** Those among them that can be sent. */
const ready = (page: Page): Locator => page.locator('.upload-line', { hasText: /Ready|Not inspected yet/ });

/** The first problem that the page tells of. */
export const alert = (page: Page): Locator => page.getByRole('alert').filter({ hasText: /\w/ }).first();

/** What the upload page says about the files that were judged, one element each. */
export const verdicts = (page: Page): Locator =>
  page.locator('.upload-item').filter({ hasText: /Deposited|Not accepted|Not arrived/ });

/** Presses Download for a document in the list or on its page. Answers with the bytes and the name proposed. */
export async function collect(page: Page, name: string): Promise<{ bytes: Buffer; name: string; url: string }> {
  const begun = page.waitForEvent('download');
  // The newest, should several have that name.
  await page.getByRole('button', { name: `Download ${name}`, exact: true }).first().click();
  const download = await begun;
  return { bytes: readFileSync(await download.path()), name: download.suggestedFilename(), url: download.url() };
}
