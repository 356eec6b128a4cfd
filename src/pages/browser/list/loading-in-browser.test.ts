import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { skipWithoutChromium } from '../../../../test/engines/browser.ts';
import { servePages } from '../../../../test/sites/served-pages.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';

const file = path.join(import.meta.dirname, '../../../../plugins.json');
const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);
const server = 'the embedded server';
const pages = servePages(releases, [server]);

const FILE = '**/list.json?*';

/** Notes what a person sees of the list, frame by frame, and how far it is shifted without any input. */
const NOTE_FRAMES = `
  window.shifted = 0;
  new PerformanceObserver((list) => {
    const shifts = list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput);
    window.shifted += shifts.reduce((sum, { value }) => sum + value, 0);
  }).observe({ type: 'layout-shift', buffered: true });
  window.frames = [];
  const look = () => {
    const see = (element) => element?.checkVisibility({ visibilityProperty: true });
    const cards = [...document.querySelectorAll('.card')].filter(see).length;
    const summary = document.querySelector('#summary');
    const frame = (see(summary) ? summary.textContent : '') + ': ' + cards;
    if (frame !== window.frames.at(-1)) window.frames.push(frame);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);`;

const framesOf = (page: Page) => page.evaluate('window.frames') as Promise<string[]>;

// Address, what is summed up in the end.
const ADDRESSES: readonly (readonly [string, RegExp])[] = [
  ['', /^13 plugins$/],
  ['?filter=jira', /^1 of 13 plugins$/],
  ['?filter=xyzzy', /^0 of 13 plugins$/],
  ['?server_version=9.5.0', /9\.5\.0$/],
  ['?server_version=7.8&platform=linux-arm64&filter=a', /7\.8\.0 on linux-arm64$/],
  ['?server_version=1.0.0', /1\.0\.0$/],
  ['?server_version=abc', /^“abc” is not/],
  ['?sort=updated&hosting=both', /plugins$/],
];

const WINDOWS = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];

describe('The list', { skip: skipWithoutChromium, concurrency: 2 }, () => {
  for (const [address, summary] of ADDRESSES) {
    test(`/${address} shows its own view only, and nothing moves`, async () => {
      for (const viewport of WINDOWS) {
        const { page, troubles, close } = await pages.open(server, 'about/', { viewport });
        await page.addInitScript(NOTE_FRAMES);
        await page.route(FILE, async (route) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          await route.continue();
        });
        await page.goto(`${pages.urlOf(server)}/${address}`);
        await page.locator('#summary', { hasText: summary }).waitFor();
        await page.waitForLoadState('networkidle');
        const shifted = Number(await page.evaluate('window.shifted'));
        assert.ok(shifted < 0.02, `${shifted}, ${viewport.width} pixels wide`);
        const seen = (await framesOf(page)).filter((frame) => !/^(Loading…)?: 0$/.test(frame));
        assert.equal(seen.length, 1, seen.join('; '));
        assert.match(seen[0]?.replace(/: \d+$/, '') ?? '', summary);
        assert.deepEqual(troubles, []);
        await close();
      }
    });
  }

  test('gives up after ten seconds, and tries again', async () => {
    const { page, close } = await pages.open(server, 'about/');
    await page.route(FILE, () => {});
    // Else it goes on while a busy machine is slow.
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1000);
    await page.goto(`${pages.urlOf(server)}/?server_version=9.5.0`);
    await page.locator('#summary', { hasText: 'Loading…' }).waitFor();
    await page.clock.fastForward(9000);
    assert.equal(await page.locator('#summary').textContent(), 'Loading…');
    await page.clock.fastForward(1500);
    await page.getByRole('heading', { name: 'The marketplace cannot be reached' }).waitFor();
    await page.unroute(FILE);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('#summary', { hasText: /9\.5\.0$/ }).waitFor();
    await close();
  });

  test('is searched at once while the list for servers loads, and asks for that once', async () => {
    const { page, requests, close } = await pages.open(server, '');
    let release = () => {};
    await page.route(FILE, async (route) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await route.continue();
    });
    await page.getByLabel('For a server').check();
    await page.locator('#summary', { hasText: 'Loading…' }).waitFor();
    await page.getByLabel('All plugins').check();
    await page.getByLabel('Search').fill('jira');
    await page.locator('#summary', { hasText: '1 of 13 plugins' }).waitFor();
    release();
    for (const version of ['9.5.0', '7.8.0', '5.12.0']) {
      await page.getByLabel('For a server').check();
      await page.getByLabel('Server version').fill(version);
      await page.locator('#summary', { hasText: `server ${version}` }).waitFor();
    }
    assert.equal(requests.filter((request) => request.startsWith('/list.json')).length, 1);
    assert.deepEqual(
      requests.filter((request) => request.startsWith('/api/')),
      [],
    );
    await close();
  });
});
