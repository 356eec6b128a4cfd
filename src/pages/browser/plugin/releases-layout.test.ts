import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ALL_REAL_CORPORA } from '../../../../test/corpora.ts';
import {
  BROWSER_OPTIONS,
  openPage,
  skipWithoutChromium,
} from '../../../../test/engines/browser.ts';
import { startLoopback } from '../../../../test/engines/loopback-server.ts';
import { PLAIN_SITE } from '../../../../test/sites/plain-site.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { findPlatforms, findSteps } from '../../../query/audience/space.ts';
import { indexCatalog } from '../../../query/catalog-index.ts';
import { everyPlugin } from '../../../query/evaluate.ts';
import { LoadedFiles } from '../../assets/loaded-files.ts';
import { sitePages } from '../../html/site-pages.ts';

const CATALOGS = [
  { name: 'shipped', catalog: path.join(import.meta.dirname, '../../../../plugins.json') },
  ...ALL_REAL_CORPORA,
];

const WIDTHS = [360, 800, 960, 1024, 1280, 1440, 2560];

/** The addresses of the plugins of a catalog, and a server of the website. */
async function makeSite(file: string) {
  const catalog = indexCatalog(parseCatalog(readFileSync(file, 'utf8'), file).releases);
  const space = { catalog, steps: findSteps(catalog), platforms: findPlatforms(catalog) };
  const loaded = new LoadedFiles(everyPlugin(catalog).map(({ release }) => release.icon_data));
  const { files } = await sitePages(space, loaded, PLAIN_SITE);
  const byPath = new Map(
    files.map((file) => [file.path.slice('site'.length).replace(/index\.html$/, ''), file]),
  );
  const plugins = [...byPath.keys()].filter((path) => /^\/plugins\/[^/]+\/$/.test(path));
  const serve: RequestListener = ({ url = '' }, response) => {
    const found = byPath.get(url);
    if (found === undefined) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': found.contentType }).end(found.content);
  };
  return { plugins, serve };
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
      const { plugins, serve } = await makeSite(catalog);
      assert.ok(plugins.length > 5);
      const { url } = await startLoopback(t, serve);
      const { page, close, visit } = await openPage(browser, `${url}${plugins[0]}`);
      for (const plugin of plugins) {
        await visit(`${url}${plugin}`);
        assert.deepEqual(await measureAll(page), [], plugin);
      }
      await close();
    });
  }

  test('would not pass if they fell apart as they once did', async (t) => {
    const { serve } = await makeSite(CATALOGS[0]?.catalog ?? '');
    const { url } = await startLoopback(t, serve);
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
    const { serve } = await makeSite(catalog);
    const { url } = await startLoopback(t, serve);
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
