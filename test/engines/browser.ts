import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, LaunchOptions, Page } from 'playwright-core';

/** Debian's path. */
const CHROMIUM = '/usr/bin/chromium';

/** Starts a browser that sends requests to the website only. */
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

/** Why tests that need Chromium are skipped; false where it is installed, as in CI. */
export const skipWithoutChromium =
  !existsSync(CHROMIUM) && 'needs Chromium: apt-get install chromium';

/** The limit for a single step, on a busy machine. */
const PATIENCE_MS = 120_000;

const elsewhere = (address: string) => `request to ${address.slice(0, 100)}`;

/** A window that is watched. */
export interface WatchedPage {
  readonly page: Page;
  /** Everything that went wrong: errors, warnings, dialogs, broken rules, requests to other hosts or answered with an error. */
  readonly troubles: string[];
  /** The requests to the website, without its origin. */
  readonly requests: string[];
  /** Opens another address in this window. */
  visit(url: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a window on a website, and watches everything that goes on in it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const seen = watch(page, new URL(url).origin);
  const visit = async (address: string) => {
    await page.goto(address);
    if (options.javaScriptEnabled !== false) await settle(page);
  };
  await visit(url);
  return { page, ...seen, visit, close: () => context.close() };
}

/** Waits until the script has shown its results, and all images are loaded, including lazy ones. */
async function settle(page: Page): Promise<void> {
  await page.locator('[aria-busy]').waitFor({ state: 'detached' });
  await page.evaluate(`Promise.all([...document.images].map((image) => {
    image.loading = 'eager';
    return image.decode().catch(() => {});
  }))`);
}

function watch(page: Page, origin: string): Pick<WatchedPage, 'troubles' | 'requests'> {
  const troubles: string[] = [];
  const requests: string[] = [];
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
    // The content security policy stopped it, and the console reports that.
    if (request.failure()?.errorText !== 'csp') return;
    const at = troubles.indexOf(elsewhere(request.url()));
    if (at >= 0) troubles.splice(at, 1);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()} for ${response.url()}`);
  });
  return { troubles, requests };
}
