// The tests' own `test`: a portal for each worker, people who meet it, and a guard over every page.
import { type Page, test as base } from '@playwright/test';

import { Guard } from './guard';
import { type Options, type Person, Portal } from './portal';

interface ForEachTest {
  guard: Guard;
  /** Another browser, which shares nothing with the first; at a portal of its own, if one is given. */
  another: (at?: Portal) => Promise<Page>;
  /** A person with an address that nobody has used yet. */
  person: (name?: string) => Person;
  /** A portal for this test alone. */
  ownPortal: (options: Options) => Promise<Portal>;
}

interface ForEachWorker {
  portal: Portal;
}

let people = 0;

export const test = base.extend<ForEachTest, ForEachWorker>({
  portal: [
    async ({}, use) => {
      const portal = await Portal.start();
      await use(portal);
      await portal.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  baseURL: async ({ portal }, use) => use(portal.url),

  guard: [
    async ({ context }, use) => {
      const guard = new Guard();
      guard.watch(context);
      await use(guard);
      guard.check();
    },
    { auto: true },
  ],

  // Asks for `ownPortal` so that its pages close first: a browser may still be fetching from a portal that ends.
  another: async ({ browser, guard, portal, ownPortal: _ }, use) => {
    const pages: Page[] = [];
    await use(async (at = portal) => {
      const context = await browser.newContext({ baseURL: at.url });
      guard.watch(context);
      const page = await context.newPage();
      pages.push(page);
      return page;
    });
    for (const page of pages) await page.context().close();
  },

  person: async ({}, use) =>
    use((name = 'Ben Example') => ({
      name,
      email: `ben.${process.pid}.${++people}@example.com`,
      password: 'a sentence of one’s own',
    })),

  ownPortal: async ({}, use) => {
    const portals: Portal[] = [];
    await use(async (options) => {
      const portal = await Portal.start(options);
      portals.push(portal);
      return portal;
    });
    for (const portal of portals) await portal.stop();
  },
});

export { expect } from '@playwright/test';
