import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { skipWithoutChromium } from '../../../../test/engines/browser.ts';
import { readReleases } from '../../../../test/sites/planned-site.ts';
import { servePages } from '../../../../test/sites/served-pages.ts';

const COUNT = 160;

const YEAR = new Date().getUTCFullYear();

const name = (number: number) => `Plugin ${String(number).padStart(3, '0')}`;

/** More plugins than the page shows at once, and different in what one can choose by. */
const releases = readReleases([
  // Another release has the same version, but is for Enterprise servers only.
  {
    download_url: 'https://example.com/team.tar.gz',
    manifest: {
      id: 'com.example.p7',
      name: name(7),
      description: 'Does less.',
      version: '1.0.0',
      min_server_version: '20.0.0',
    },
  },
  ...Array.from({ length: COUNT }, (_, number) => ({
    author_type: number % 40 === 0 ? 'partner' : 'mattermost',
    release_stage: number % 50 === 0 ? 'beta' : 'production',
    enterprise: number === 7,
    hosting: number === 3 ? 'cloud' : '',
    download_url: `https://example.com/${number}.tar.gz`,
    updated_at:
      number === 5 ? '2016-05-01T00:00:00Z' : `${YEAR}-01-${10 + (number % 20)}T00:00:00Z`,
    manifest: {
      id: `com.example.p${number}`,
      name: name(number),
      description: 'Does something.',
      version: '1.0.0',
      min_server_version: `${5 + (number % 5)}.0.0`,
      server: {
        executables: { 'linux-amd64': 'a', ...(number % 2 === 0 && { 'linux-arm64': 'b' }) },
      },
    },
  })),
]);

const server = 'the embedded server';
const pages = servePages(releases, [server]);

const shown = (page: Page) => page.locator('.card:visible h2').allTextContents();
const waitFor = (page: Page, text: RegExp) => page.locator('#summary', { hasText: text }).waitFor();
const query = (page: Page) => new URL(page.url()).search;

describe('In a long list, one', { skip: skipWithoutChromium, concurrency: 3 }, () => {
  async function look(
    address: string,
    see: (page: Page, requests: readonly string[]) => Promise<void>,
    options = {},
  ) {
    const opened = await pages.open(server, address, options);
    await see(opened.page, opened.requests);
    assert.deepEqual(opened.troubles, []);
    await opened.close();
  }

  test('sees the release that the server is offered, even where another has the same version', async () => {
    await look('?server_version=20.0.0', async (page) => {
      const card = page.locator('[data-id="com.example.p7"]');
      const download = card.getByRole('link', { name: 'Download' });
      await waitFor(page, /Team server 20/);
      assert.equal(await card.locator('.description').textContent(), 'Does less.');
      assert.equal(await download.getAttribute('href'), 'https://example.com/team.tar.gz');
      await page.getByLabel('Edition').selectOption('Enterprise');
      await waitFor(page, /Enterprise server 20/);
      assert.equal(await card.locator('.description').textContent(), 'Does something.');
      assert.equal(await download.getAttribute('href'), 'https://example.com/7.tar.gz');
    });
  });

  test('sees more on demand, and finds it again on the way back', async () => {
    await look('', async (page) => {
      assert.equal((await shown(page)).length, 48);
      await waitFor(page, /^160 plugins$/);
      await page.getByRole('button', { name: 'Show 96 more of 112' }).click();
      assert.equal(await page.evaluate('document.activeElement.textContent'), name(48));
      assert.equal((await shown(page)).length, 144);
      await page.getByRole('link', { name: name(100) }).click();
      await page.waitForURL('**/plugins/com.example.p100/');
      await page.goBack();
      await page.getByRole('link', { name: name(100) }).waitFor();
      await page.getByRole('button', { name: 'Show 16 more of 16' }).click();
      assert.equal((await shown(page)).length, COUNT);
      assert.equal(await page.locator('#more').isVisible(), false);
    });
  });

  test('comes back to the plugin that was left, if the browser has to load the list again', async () => {
    await look('?sort=added', async (page) => {
      // A page that listens is not kept for Back.
      await page.evaluate(`addEventListener('unload', () => {})`);
      const link = page.locator('.card h2 a').nth(30);
      const topOf = async () => (await link.boundingBox())?.y ?? Number.NaN;
      await link.scrollIntoViewIfNeeded();
      const before = await topOf();
      await link.click();
      await page.waitForURL('**/plugins/**');
      await page.goBack();
      let after = await topOf();
      for (let tries = 0; tries < 100 && !(Math.abs(after - before) < 10); tries++) {
        await page.evaluate('new Promise((resolve) => setTimeout(resolve, 50))');
        after = await topOf();
      }
      assert.ok(Math.abs(after - before) < 10, `${before} before, ${after} after`);
    });
  });

  test('finds everything without JavaScript', async () => {
    await look(
      '',
      async (page, requests) => {
        assert.equal((await shown(page)).length, 48);
        await page.getByRole('link', { name: 'All 160 plugins by name' }).click();
        await page.getByRole('link', { name: name(150) }).click();
        await page.waitForURL('**/plugins/com.example.p150/');
        assert.ok(!requests.some((request) => request.startsWith('/list.json')));
      },
      { javaScriptEnabled: false },
    );
  });

  test('searches what is not on the page yet', async () => {
    await look('', async (page) => {
      await page.keyboard.press('/');
      await page.keyboard.type('159 plugin');
      await waitFor(page, /^1 of 160 plugins$/);
      assert.deepEqual(await shown(page), [name(159)]);
      assert.match(
        (await page.locator('#hint').textContent()) ?? '',
        /Mattermost’s own search finds none/,
      );
      await page.getByLabel('Search').fill('Plugin 159');
      await waitFor(page, /^1 of/);
      assert.equal(await page.locator('#hint').isVisible(), false);
      await page.getByLabel('Search').fill('plugin 1');
      await waitFor(page, /^\d\d of 160/);
      await page.locator('.card >> nth=47').waitFor();
      await page.getByLabel('Search').fill('plguin');
      await page.locator('#hint', { hasText: 'Nothing matches “plguin”' }).waitFor();
      // After a pause in typing.
      await page.waitForURL('**/?filter=plguin');
      assert.equal(await page.title(), '“plguin” · Test marketplace');
    });
  });

  test('follows labels, narrows further, sorts, and clears', async () => {
    await look('', async (page) => {
      await page
        .locator('.card', { hasText: name(40) })
        .getByText('Partner')
        .click();
      await waitFor(page, /^4 of 160 plugins$/);
      assert.equal(query(page), '?maintainer=partner');
      assert.equal(await page.title(), 'Partners · Test marketplace');
      await page.getByText('Filter and sort (1)').click();
      assert.equal(await page.getByLabel('Maintained by').inputValue(), 'partner');
      await page.getByLabel('Stage').selectOption('Beta');
      await waitFor(page, /^1 of/);
      assert.deepEqual(await shown(page), [name(0)]);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await waitFor(page, /^160 plugins$/);
      await page.getByLabel('Sort by').selectOption('Recently updated');
      await page.waitForURL('**/?sort=updated');
      assert.deepEqual((await shown(page)).slice(0, 3), [name(19), name(39), name(59)]);
      await page.getByLabel('Runs on').selectOption('linux-arm64');
      await waitFor(page, /^80 of/);
      await page.getByLabel('Subscription').selectOption('Needed');
      await page.getByRole('heading', { name: 'No plugin matches these filters' }).waitFor();
      await page.getByRole('button', { name: 'Clear the filters' }).click();
      await waitFor(page, /^160 plugins$/);
    });
  });

  test('opens a narrowed view by its address', async () => {
    await look('?hosting=cloud&filter=plugin', async (page) => {
      await waitFor(page, /^1 of 160/);
      assert.deepEqual(await shown(page), [name(3)]);
      assert.equal(await page.getByText('Cloud only', { exact: true }).last().isVisible(), true);
    });
  });

  test('is warned of platforms without a program', async () => {
    await look('?server_version=9.0&platform=linux-arm64', async (page) => {
      await waitFor(page, /server 9\.0\.0 on linux-arm64$/);
      const card = (number: number) => page.locator(`[data-id="com.example.p${number}"]`);
      assert.match((await card(1).textContent()) ?? '', /No program for linux-arm64/);
      assert.match((await card(2).textContent()) ?? '', /Runs on linux-amd64, linux-arm64/);
      assert.equal(await card(2).locator('.missing').count(), 0);
      const options = await page.getByLabel('Platform').locator('option').allTextContents();
      assert.deepEqual(options, ['Default bundle', 'linux-amd64', 'linux-arm64']);
    });
    await look('?platform=my-computer', async (page) => {
      await waitFor(page, /of any version$/);
      assert.equal(await page.getByLabel('Platform').inputValue(), '');
    });
  });

  test('sees which plugins are old', async () => {
    await look('', async (page) => {
      const old = page.locator('.card', { hasText: 'No release in two years' });
      assert.deepEqual(await old.locator('h2').allTextContents(), [name(5)]);
    });
  });
});

describe('The chosen server', { skip: skipWithoutChromium }, () => {
  test('goes along to other pages and later visits, until every plugin is wanted', async () => {
    const { page, visit, troubles, close } = await pages.open(server, '');
    await page.getByLabel('For a server').check();
    await page.getByLabel('Server version').fill('Version 7.5');
    await page.keyboard.press('Enter');
    await waitFor(page, /7\.5\.0$/);
    await page.getByRole('link', { name: name(0) }).click();
    await page.waitForURL('**/plugins/com.example.p0/?server_version=7.5.0');
    await page.getByRole('heading', { name: 'Your server gets 1.0.0' }).waitFor();
    await page.getByRole('link', { name: 'All plugins' }).click();
    await page.waitForURL('**/?server_version=7.5.0');
    await visit(`${pages.urlOf(server)}/plugins/com.example.p3/`);
    await page.getByRole('heading', { name: 'Your server gets no release' }).waitFor();
    await visit(`${pages.urlOf(server)}/`);
    await waitFor(page, /7\.5\.0$/);
    assert.equal(query(page), '?server_version=7.5.0');
    // The address wins, and does not change what is remembered.
    await visit(`${pages.urlOf(server)}/?server_version=5.0.0`);
    await waitFor(page, /5\.0\.0$/);
    await visit(`${pages.urlOf(server)}/?filter=plugin+001`);
    await waitFor(page, /^1 of 160 plugins$/);
    await visit(`${pages.urlOf(server)}/`);
    await waitFor(page, /7\.5\.0$/);
    await page.getByLabel('All plugins').check();
    await waitFor(page, /^160 plugins$/);
    await visit(`${pages.urlOf(server)}/`);
    await waitFor(page, /^160 plugins$/);
    assert.deepEqual(troubles, []);
    await close();
  });

  test('is none where what was remembered is no version', async () => {
    const { page, visit, troubles, close } = await pages.open(server, 'about/');
    await page.evaluate("localStorage.setItem('marketplace-server', 'server_version=nonsense')");
    await visit(`${pages.urlOf(server)}/`);
    await waitFor(page, /^160 plugins$/);
    assert.deepEqual(troubles, []);
    await close();
  });

  test('is not remembered where the browser stores nothing, and that is all', async () => {
    const { page, visit, troubles, close } = await pages.open(server, 'about/');
    await page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })",
    );
    await visit(`${pages.urlOf(server)}/`);
    await page.getByLabel('For a server').check();
    await waitFor(page, /of any version$/);
    assert.deepEqual(troubles, []);
    await close();
  });
});
