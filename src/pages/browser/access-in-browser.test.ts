import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { skipWithoutChromium } from '../../../test/engines/browser.ts';
import { servePages } from '../../../test/sites/served-pages.ts';
import type { Notice } from '../../catalog/notices/notice.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';

const file = path.join(import.meta.dirname, '../../../plugins.json');
const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules of WCAG 2.2 AA that axe-core can check, and its good practices. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

// Address, what is done before the check.
const VIEWS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ['', async () => {}],
  ['?filter=xyzzy', (page) => page.getByRole('button').waitFor()],
  [
    '?filter=a&server_version=9.5.0&enterprise_plugins=true',
    (page) => page.locator('#summary', { hasText: '9.5.0' }).waitFor(),
  ],
  [
    '?server_version=&platform=linux-arm64&sort=updated',
    async (page) => {
      await page.locator('.missing').first().waitFor();
      await page.locator('#filters summary').click();
    },
  ],
  ['?server_version=abc', (page) => page.getByRole('button').waitFor()],
  ['about/', async () => {}],
  ['plugins/', async () => {}],
  ['nowhere/jria', (page) => page.locator('#near a').first().waitFor()],
  [
    'plugins/com.onlyoffice.mattermost/',
    async (page) => {
      const notice = page.locator('#near .warning');
      await notice.waitFor();
      assert.equal(
        await notice.innerText(),
        'ONLYOFFICE: 1.0.0 is suspended: servers are not offered it any more. Read why',
      );
      assert.equal(await notice.getByRole('link').getAttribute('href'), GROUNDS.reason);
    },
  ],
  ['plugins/jira/', openEverything],
  ['plugins/com.mattermost.calls/?server_version=9.4.0&platform=windows-amd64', openEverything],
  ['plugins/antivirus/', async () => {}],
  ['plugins/com.mattermost.plugin-incident-management/', async () => {}],
];

async function openEverything(page: Page): Promise<void> {
  await page.evaluate(
    `for (const folded of document.querySelectorAll('details')) folded.open = true`,
  );
  await page.locator('.about-release a').first().waitFor();
}

const GROUNDS = { reason: 'https://example.com/why', date: '2024-05-17T12:00:00Z' };

/** Of one plugin some releases, of another all. */
const NOTICES: readonly Notice[] = [
  { plugin: 'jira', versions: '2.0.6', kind: 'suspended', ...GROUNDS },
  { plugin: 'jira', versions: '<3', kind: 'deprecated', ...GROUNDS },
  { plugin: 'jira', versions: '<=4.1.1', kind: 'advisory', severity: 'high', ...GROUNDS },
  { plugin: 'com.onlyoffice.mattermost', kind: 'suspended', ...GROUNDS },
];

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 360];

const server = 'the embedded server';
const pages = servePages(releases, [server], NOTICES);

/** The problems that axe-core finds on a page, and whether it scrolls sideways. */
async function judge(page: Page): Promise<unknown[]> {
  const { violations, passes } = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} })`,
  )) as { violations: Violation[]; passes: unknown[] };
  assert.ok(passes.length > 20, 'axe-core looked at the page');
  const tooWide = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  const found = violations.map(({ id, help, nodes }) => [
    id,
    help,
    nodes.map(({ html, failureSummary }) => [html.slice(0, 200), failureSummary]),
  ]);
  return [...found, ...(Number(tooWide) > 0 ? [`${tooWide} pixels wider than the window`] : [])];
}

describe('The web pages are accessible', { skip: skipWithoutChromium, concurrency: 3 }, () => {
  for (const [address, prepare] of VIEWS) {
    test(`/${address}, light and dark, wide and narrow`, async () => {
      const { page, troubles, close } = await pages.open(server, address);
      await prepare(page);
      await page.evaluate(AXE);
      for (const width of WIDTHS) {
        for (const colorScheme of SCHEMES) {
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await judge(page), [], `${colorScheme}, ${width} pixels wide`);
        }
      }
      const others = troubles.filter(
        (each) =>
          !/^404 for .*\/(?:nowhere|com\.onlyoffice\.mattermost)\/|^console: .* 404 /.test(each),
      );
      assert.deepEqual(others, []);
      await close();
    });
  }

  test('the two color schemes differ', async () => {
    const { page, close } = await pages.open(server, '');
    const grounds: unknown[] = [];
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      grounds.push(
        await page.evaluate('getComputedStyle(document.documentElement).backgroundColor'),
      );
    }
    assert.deepEqual(grounds, ['rgb(245, 246, 248)', 'rgb(17, 20, 26)']);
    await close();
  });

  test('touch targets are at least 24 pixels high and wide', async () => {
    const phone = { viewport: { width: 360, height: 740 } };
    const { page, close } = await pages.open(server, 'plugins/jira/', phone);
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
