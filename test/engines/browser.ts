import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, LaunchOptions, Page } from 'playwright-core';

/** Where Debian's package has it. */
const CHROMIUM = '/usr/bin/chromium';

/** How a browser is started that asks nobody but the site. */
export const BROWSER_OPTIONS: LaunchOptions = {
  executablePath: CHROMIUM,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Why a test that needs it is skipped; false where it is there. CI installs it. */
export const skipWithoutChromium =
  !existsSync(CHROMIUM) && 'needs Chromium: apt-get install chromium';

const elsewhere = (address: string) => `request to ${address.slice(0, 100)}`;

/** A page that is watched. */
export interface WatchedPage {
  readonly page: Page;
  /** What should not be: errors, warnings, broken rules, requests to elsewhere or without an answer. In words. */
  readonly troubles: string[];
  /** Addresses that were asked for, without the site's. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Opens a window of its own on a site, and watches everything that goes on in it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  const requests: string[] = [];
  const { origin } = new URL(url);
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('dialog', async (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const asked = request.url();
    if (asked.startsWith(`${origin}/`)) requests.push(asked.slice(origin.length));
    else if (!asked.startsWith('data:')) troubles.push(elsewhere(asked));
  });
  page.on('requestfailed', (request) => {
    // It never left: the content security policy forbids it, and the console says so.
    if (request.failure()?.errorText !== 'csp') return;
    const at = troubles.indexOf(elsewhere(request.url()));
    if (at >= 0) troubles.splice(at, 1);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()} for ${response.url()}`);
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  return { page, troubles, requests, close: () => context.close() };
}
