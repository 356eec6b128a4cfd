import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BROWSER_OPTIONS, openPage, skipWithoutChromium } from '../../../test/engines/browser.ts';
import { buildPages, type ServedSite, serveEmbedded } from '../../../test/sites/served-pages.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';

const file = path.join(import.meta.dirname, '../../../plugins.json');
const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What WCAG 2.2 AA demands, as far as axe-core can tell, and what it holds for good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

// Address, what is done before one looks.
const VIEWS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ['', async () => {}],
  ['?filter=no+such', (page) => page.getByRole('button').waitFor()],
  [
    '?filter=a&server_version=9.5.0&enterprise_plugins=true',
    (page) => page.locator('#summary', { hasText: '9.5.0' }).waitFor(),
  ],
  ['?server_version=abc', (page) => page.getByRole('button').waitFor()],
  ['about/', async () => {}],
  [
    'plugins/jira/',
    async (page) => {
      await page.locator('summary').first().click();
      await page.locator('.releases a').first().waitFor();
    },
  ],
  ['plugins/antivirus/', async () => {}],
  ['plugins/com.mattermost.plugin-incident-management/', async () => {}],
];

const WINDOWS = [
  { width: 1280, height: 900 },
  { width: 360, height: 740 },
];

describe('The pages can be used by all', { skip: skipWithoutChromium }, () => {
  let built: Awaited<ReturnType<typeof buildPages>>;
  let site: ServedSite;
  let browser: Browser;

  before(async () => {
    built = await buildPages(releases);
    site = await serveEmbedded(built.out);
    browser = await chromium.launch(BROWSER_OPTIONS);
  });
  after(async () => {
    await browser.close();
    await site.stop();
    await built.remove();
  });

  for (const [address, prepare] of VIEWS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const viewport of WINDOWS) {
        test(`/${address}, ${colorScheme}, ${viewport.width} pixels wide`, async () => {
          const options = { colorScheme, viewport };
          const { page, troubles, close } = await openPage(
            browser,
            `${site.url}/${address}`,
            options,
          );
          await prepare(page);
          await page.evaluate(AXE);
          const { violations, passes } = (await page.evaluate(
            `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} })`,
          )) as { violations: Violation[]; passes: unknown[] };
          assert.deepEqual(
            violations.map(({ id, help, nodes }) => [
              id,
              help,
              nodes.map(({ html, failureSummary }) => [html.slice(0, 200), failureSummary]),
            ]),
            [],
          );
          assert.ok(passes.length > 20, 'axe-core looked at the page');
          const [scroll, width] = (await page.evaluate(
            '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
          )) as [number, number];
          assert.ok(scroll <= width, `it is ${scroll - width} pixels wider than the window`);
          assert.deepEqual(troubles, []);
          await close();
        });
      }
    }
  }

  test('the schemes are two', async () => {
    const grounds = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, close } = await openPage(browser, `${site.url}/`, { colorScheme });
      grounds.push(
        await page.evaluate('getComputedStyle(document.documentElement).backgroundColor'),
      );
      await close();
    }
    assert.deepEqual(grounds, ['rgb(245, 246, 248)', 'rgb(17, 20, 26)']);
  });

  test('what can be touched is at least 24 pixels high and wide', async () => {
    const { page, close } = await openPage(browser, `${site.url}/plugins/jira/`, {
      viewport: { width: 360, height: 740 },
    });
    // Links in a line of text are excepted (WCAG 2.2, 2.5.8).
    const small =
      await page.evaluate(`[...document.querySelectorAll('nav a, footer a, .back, summary, button, input, select')]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.textContent, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 24 || height < 24)
      .map(([text]) => text)`);
    assert.deepEqual(small, []);
    await close();
  });
});
