import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { PAGE_SERVERS, servePages } from '../../../../test/sites/served-pages.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { EVERYTHING } from '../../../query/audience/space.ts';
import { indexCatalog } from '../../../query/catalog-index.ts';
import { evaluate, everyPlugin } from '../../../query/evaluate.ts';
import { search } from '../../shared/list/search.ts';

const file = path.join(import.meta.dirname, '../../../../plugins.json');
const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);
const catalog = indexCatalog(releases);

const nameOf = ({ release }: { release: (typeof releases)[number] }) => release.manifest.name ?? '';
const allPlugins = everyPlugin(catalog).map(({ id, release: { manifest } }) => ({
  id,
  name: manifest.name ?? '',
  description: manifest.description ?? '',
}));
const allNames = allPlugins.map(({ name }) => name);
const offered = (filter: object) =>
  (evaluate(catalog, { ...EVERYTHING, ...filter }) ?? []).map(nameOf);

/** The plugins that a person sees, in their order. */
const shown = async (page: Page) => {
  const names = await page.locator('.card:visible h2').allTextContents();
  return names.map((name) => name.trim());
};

const summary = (page: Page) => page.locator('#summary').textContent();

/** Waits until the summary is that; what is shown then is what it sums up. */
const waitFor = (page: Page, text: RegExp) => page.locator('#summary', { hasText: text }).waitFor();

const pages = servePages(releases);

/** What decides what servers are offered. */
const LIST_FILE = '**/list.json?*';

for (const { name, skip } of PAGE_SERVERS) {
  describe(`The list, from ${name}`, { skip, concurrency: 4 }, () => {
    /** Opens a view, looks at it, and checks that nothing went wrong. */
    async function look(
      address: string,
      see: (page: Page, requests: string[]) => Promise<void>,
      options = {},
    ) {
      const opened = await pages.open(name, address, options);
      await see(opened.page, opened.requests);
      assert.deepEqual(opened.troubles, []);
      await opened.close();
    }

    test('shows every plugin, and asks for nothing but what it is made of', async () => {
      await look('', async (page, requests) => {
        assert.deepEqual(await shown(page), allNames);
        assert.equal(await summary(page), `${allNames.length} plugins`);
        const others = requests.filter((request) => !/^\/files\/\w{8}\/\d+$/.test(request));
        assert.deepEqual(others, ['/']);
      });
    });

    test('is a plain list with links without JavaScript', async () => {
      const options = { javaScriptEnabled: false };
      await look(
        '',
        async (page) => {
          assert.deepEqual(await shown(page), allNames);
          assert.equal(await page.locator('form').isVisible(), false);
          await page.getByRole('link', { name: 'Jira' }).first().click();
          await page.waitForURL('**/plugins/jira/');
          assert.equal(await page.locator('h1').textContent(), 'Jira');
          await page.getByRole('link', { name: 'All plugins' }).click();
          assert.deepEqual(await shown(page), allNames);
        },
        options,
      );
    });

    test('searches as one types, in names, ids and descriptions, without a request', async () => {
      await look('', async (page, requests) => {
        const before = requests.length;
        for (const text of [
          'J',
          'jira',
          ' JIRA ',
          'channel',
          'com.mattermost.nps',
          'nps',
          'zom',
          'zoom',
          'teams ms',
        ]) {
          await page.getByLabel('Search').fill(text);
          const { plugins } = search(allPlugins, text);
          assert.deepEqual(
            await shown(page),
            plugins.map(({ name }) => name),
            text,
          );
        }
        // Chromium looks at the site's icon whenever an address changes.
        const asked = requests.slice(before).filter((request) => !request.endsWith('/3'));
        assert.deepEqual(asked, []);
      });
    });

    test('shows that nothing matches, and clears the search', async () => {
      await look('', async (page) => {
        await page.getByLabel('Search').fill('xyzzy');
        await page.getByRole('heading', { name: 'No plugin matches “xyzzy”' }).waitFor();
        assert.deepEqual(await shown(page), []);
        await page.getByRole('button', { name: 'Clear the search' }).click();
        assert.deepEqual(await shown(page), allNames);
        assert.equal(await page.getByLabel('Search').inputValue(), '');
        assert.equal(new URL(page.url()).search, '');
      });
    });

    test('shows what a server is offered, control by control, and the address records which', async () => {
      await look('', async (page) => {
        await page.getByLabel('For a server').check();
        await waitFor(page, /for a self-hosted Team server of any version$/);
        assert.deepEqual(await shown(page), offered({}));

        await page.getByLabel('Server version').fill('7.8.0');
        await waitFor(page, /Team server 7\.8\.0$/);
        assert.deepEqual(await shown(page), offered({ serverVersion: '7.8.0' }));

        await page.getByLabel('Edition').selectOption('Enterprise');
        await waitFor(page, /Enterprise server 7\.8\.0$/);
        assert.deepEqual(await shown(page), offered({ serverVersion: '7.8.0', enterprise: true }));

        await page.getByLabel('Hosting').selectOption('Cloud');
        await waitFor(page, /Cloud Enterprise server 7\.8\.0$/);
        const filter = { serverVersion: '7.8.0', enterprise: true, cloud: true };
        assert.deepEqual(await shown(page), offered(filter));

        await page.getByLabel('Search').fill('zoom');
        await waitFor(page, /^1 of /);
        // After a pause in typing.
        await page.waitForURL(
          '**/?filter=zoom&server_version=7.8.0&enterprise_plugins=true&cloud=true',
        );
        await page.getByLabel('All plugins').check();
        assert.deepEqual(await shown(page), ['Zoom']);
        assert.equal(await page.getByLabel('Server version').isVisible(), false);
      });
    });

    test('shows the versions that a server gets', async () => {
      await look('?server_version=7.8.0', async (page) => {
        await waitFor(page, /7\.8\.0$/);
        const [found] =
          evaluate(catalog, { ...EVERYTHING, serverVersion: '7.8.0', pluginId: 'jira' }) ?? [];
        const card = page.locator('.card[data-id="jira"]');
        assert.equal(
          await card.locator('.facts span').first().textContent(),
          `Version ${found?.release.manifest.version}`,
        );
        assert.equal(
          await card.getByRole('link', { name: 'Download' }).getAttribute('href'),
          found?.release.download_url,
        );
        await card.getByRole('link', { name: 'Jira' }).click();
        await page.waitForURL('**/plugins/jira/?server_version=7.8.0');
      });
    });

    test('completes versions as people write them, and rejects others', async () => {
      await look('?server_version=', async (page) => {
        const version = page.getByLabel('Server version');
        await version.fill('v7.8');
        await version.press('Enter');
        await waitFor(page, /7\.8\.0$/);
        assert.equal(new URL(page.url()).search, '?server_version=7.8.0');
        await version.fill('seven');
        await version.press('Enter');
        await page.getByRole('heading', { name: '“seven” is not a server version' }).waitFor();
        assert.equal(await version.getAttribute('aria-invalid'), 'true');
        assert.deepEqual(await shown(page), []);
        await page.getByRole('button', { name: 'Show all plugins' }).click();
        assert.deepEqual(await shown(page), allNames);
      });
    });

    test('is the same view for whoever is sent the address', async () => {
      const address = '?filter=ch&server_version=9.5.0&platform=linux-amd64&cloud=true';
      await look(address, async (page) => {
        await waitFor(page, /of \d+ plugins for a Cloud Team server 9\.5\.0 on linux-amd64$/);
        assert.equal(await page.getByLabel('Search').inputValue(), 'ch');
        assert.equal(await page.getByLabel('Server version').inputValue(), '9.5.0');
        assert.equal(await page.getByLabel('Platform').inputValue(), 'linux-amd64');
        assert.equal(await page.getByLabel('Edition').inputValue(), 'team');
        assert.equal(await page.getByLabel('Hosting').inputValue(), 'cloud');
        const names = offered({ serverVersion: '9.5.0', cloud: true });
        const found = await shown(page);
        assert.ok(found.length > 0 && found.length < names.length);
        for (const name of found) assert.ok(names.includes(name), name);
      });
    });

    test('goes back and forward through views, what was typed in one go in one step', async () => {
      await look('', async (page) => {
        await page.getByLabel('Search').pressSequentially('ji');
        await page.waitForURL('**/?filter=ji');
        await page.getByLabel('Search').pressSequentially('ra');
        await page.getByLabel('For a server').check();
        assert.equal(new URL(page.url()).search, '?filter=jira&server_version=');
        await waitFor(page, /of any version$/);
        await page.getByLabel('Server version').fill('1.0.0');
        await waitFor(page, /1\.0\.0$/);
        await page.goBack();
        await waitFor(page, /of any version$/);
        await page.goBack();
        await waitFor(page, /^1 of 13 plugins$/);
        assert.deepEqual(await shown(page), ['Jira']);
        assert.equal(await page.getByLabel('All plugins').isChecked(), true);
        await page.goBack();
        await waitFor(page, /^13 plugins$/);
        assert.equal(await page.getByLabel('Search').inputValue(), '');
        await page.goForward();
        await waitFor(page, /^1 of 13 plugins$/);
        await page.goForward();
        await page.goForward();
        await waitFor(page, /1\.0\.0$/);
        assert.equal(await page.getByLabel('Server version').inputValue(), '1.0.0');
        assert.equal(await page.getByLabel('Search').inputValue(), 'jira');
      });
    });

    test('can be used with a keyboard alone', async () => {
      await look('', async (page) => {
        const focused = () => page.evaluate('document.activeElement.textContent.trim()');
        await page.keyboard.press('Tab');
        assert.equal(await focused(), 'Skip to content');
        await page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate('document.activeElement.id'), 'search');
        await page.keyboard.type('jira');
        await page.keyboard.press('Tab');
        await page.keyboard.press('ArrowRight');
        await waitFor(page, /of any version$/);
        await page.keyboard.press('Tab');
        await page.keyboard.type('5.12.0');
        await page.keyboard.press('Enter');
        await waitFor(page, /5\.12\.0$/);
        for (const _ of ['platform', 'edition', 'hosting']) await page.keyboard.press('Tab');
        await page.keyboard.type('Cloud');
        await waitFor(page, /Cloud Team server 5\.12\.0$/);
        await page.keyboard.press('Tab');
        assert.equal(await focused(), 'Filter and sort');
        await page.keyboard.press('Tab');
        assert.equal(await focused(), 'Jira');
        const outline = await page.evaluate(
          "getComputedStyle(document.activeElement.closest('.card')).outlineStyle",
        );
        assert.equal(outline, 'solid', 'one sees where one is');
        await page.keyboard.press('Enter');
        await page.waitForURL('**/plugins/jira/?server_version=5.12.0&cloud=true');
      });
    });

    test('reports that the marketplace cannot be reached, and tries again', async () => {
      const { page, close } = await pages.open(name, '');
      await page.route(LIST_FILE, (route) => route.abort());
      await page.getByLabel('For a server').check();
      await page.getByRole('heading', { name: 'The marketplace cannot be reached' }).waitFor();
      await page.unroute(LIST_FILE);
      await page.getByRole('button', { name: 'Try again' }).click();
      await waitFor(page, /of any version$/);
      assert.deepEqual(await shown(page), offered({}));
      await close();
    });

    test('works below a path', async () => {
      const { page, close } = await pages.open(name, '');
      // As a proxy would serve it.
      await page.route('**/shop/**', async (route) => {
        const url = route.request().url().replace('/shop/', '/');
        await route.fulfill({ response: await route.fetch({ url }) });
      });
      await page.goto(`${pages.urlOf(name)}/shop/?server_version=9.5.0`);
      await waitFor(page, /9\.5\.0$/);
      assert.deepEqual(await shown(page), offered({ serverVersion: '9.5.0' }));
      await page.getByRole('link', { name: 'Jira' }).first().click();
      await page.waitForURL('**/shop/plugins/jira/?server_version=9.5.0');
      await page.getByRole('link', { name: 'About', exact: true }).click();
      await page.waitForURL('**/shop/about/');
      const { host } = new URL(pages.urlOf(name));
      assert.match(
        (await page.locator('pre').first().textContent()) ?? '',
        new RegExp(`"http://${host}/shop"`),
      );
      // Pictures may still be on their way.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await close();
    });
  });
}
