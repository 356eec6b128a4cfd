import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ALL_REAL_CORPORA } from '../../../../test/corpora.ts';
import {
  BROWSER_OPTIONS,
  openPage,
  skipWithoutChromium,
} from '../../../../test/engines/browser.ts';
import { serveFiles, startLoopback } from '../../../../test/engines/loopback-server.ts';
import { PLAIN_SITE } from '../../../../test/sites/plain-site.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { findPlatforms, findSteps } from '../../../query/audience/space.ts';
import { indexCatalog } from '../../../query/catalog-index.ts';
import { everyPlugin } from '../../../query/evaluate.ts';
import { IconSet } from '../../assets/icon-set.ts';
import { sitePages } from '../../html/site-pages.ts';

const CATALOGS = [
  { name: 'shipped', catalog: path.join(import.meta.dirname, '../../../../plugins.json') },
  ...ALL_REAL_CORPORA,
];

const WIDTHS = [360, 800, 960, 1024, 1280, 1440, 2560];

/** The files of a website by their paths, and the addresses of its plugins. */
async function makeFiles(file: string) {
  const catalog = indexCatalog(parseCatalog(readFileSync(file, 'utf8'), file).releases);
  const space = { catalog, steps: findSteps(catalog), platforms: findPlatforms(catalog) };
  const icons = new IconSet(everyPlugin(catalog).map(({ release }) => release.icon_data));
  const { files } = await sitePages(space, icons, PLAIN_SITE);
  const byPath = files.map(
    ({ path, content }) =>
      [path.slice('site'.length).replace(/index\.html$/, ''), content] as const,
  );
  const plugins = byPath.map(([path]) => path).filter((path) => /^\/plugins\/[^/]+\/$/.test(path));
  return { plugins, files: Object.fromEntries(byPath) };
}

/** What a person would not put up with, in words. */
const MEASURE = `(() => {
  const wrong = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push('the page scrolls sideways by ' + (scrollWidth - clientWidth));
  for (const version of document.querySelectorAll('.version')) {
    if (!version.checkVisibility()) continue;
    const { height } = version.getBoundingClientRect();
    const line = parseFloat(getComputedStyle(version).lineHeight);
    if (height > 1.5 * line) wrong.push(version.textContent + ' is ' + height + ' pixels high');
    if (version.scrollWidth > version.clientWidth) wrong.push(version.textContent + ' is cut');
  }
  for (const words of document.querySelectorAll('.serves > *')) {
    if (!words.checkVisibility()) continue;
    const line = parseFloat(getComputedStyle(words).lineHeight);
    const lines = words.getBoundingClientRect().height / line;
    if (lines > 3.5) wrong.push(words.textContent + ' takes ' + lines + ' lines');
  }
  for (const about of document.querySelectorAll('.about-release')) {
    if (!about.checkVisibility()) continue;
    const share = about.getBoundingClientRect().width / about.closest('.releases').clientWidth;
    if (share < 0.95) wrong.push('what is opened takes only ' + share + ' of the width');
  }
  return wrong;
})()`;

const OPEN = `for (const folded of document.querySelectorAll('details')) folded.open = true`;

describe('The releases of every plugin', { skip: skipWithoutChromium }, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch(BROWSER_OPTIONS);
  });
  after(() => browser.close());

  for (const { name, catalog } of CATALOGS) {
    test(`of ${name} can be read at every width, closed and opened`, async (t) => {
      const { plugins, files } = await makeFiles(catalog);
      assert.ok(plugins.length > 5);
      const { url } = await startLoopback(t, serveFiles(files));
      const { page, close, visit } = await openPage(browser, `${url}${plugins[0]}`);
      for (const plugin of plugins) {
        await visit(`${url}${plugin}`);
        assert.deepEqual(await measureAll(page), [], plugin);
      }
      await close();
    });
  }

  test('would not pass if they fell apart as they once did', async (t) => {
    const { files } = await makeFiles(CATALOGS[0]?.catalog ?? '');
    const { url } = await startLoopback(t, serveFiles(files));
    const { page, close } = await openPage(browser, `${url}/plugins/jira/`);
    await page.addStyleTag({
      content: '.version { white-space: normal; width: 1ch } .about-release { width: 50% }',
    });
    const wrong = (await measureAll(page)).join();
    assert.match(wrong, /closed, 360 pixels wide: 4\.1\.1 is \d+(\.\d+)? pixels high/);
    assert.match(wrong, /opened, 2560 pixels wide: what is opened takes only/);
    await close();
  });

  test('fit a phone: with 49 of them the page has fewer than five screens', async (t) => {
    const catalog = ALL_REAL_CORPORA.find(({ name }) => name === 'production-2024-10')?.catalog;
    if (catalog === undefined) return t.skip('needs the real catalogs');
    const { files } = await makeFiles(catalog);
    const { url } = await startLoopback(t, serveFiles(files));
    const phone = { viewport: { width: 360, height: 740 } };
    const { page, close } = await openPage(browser, `${url}/plugins/com.mattermost.calls/`, phone);
    assert.equal(await page.locator('.release').count(), 49);
    const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
    t.diagnostic(`${(height / 740).toFixed(1)} screens`);
    assert.ok(height < 5 * 740, `${height} pixels`);
    await close();
  });
});

async function measureAll(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  for (const state of ['closed', 'opened']) {
    if (state === 'opened') await page.evaluate(OPEN);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const found = (await page.evaluate(MEASURE)) as string[];
      wrong.push(...found.map((words) => `${state}, ${width} pixels wide: ${words}`));
    }
  }
  return wrong;
}
