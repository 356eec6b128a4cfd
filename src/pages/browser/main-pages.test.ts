import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { skipWithoutChromium } from '../../../test/engines/browser.ts';
import { PAGE_SERVERS, servePages } from '../../../test/sites/served-pages.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { send } from '../../hosts/embedded/fixture-client.ts';

const file = path.join(import.meta.dirname, '../../../plugins.json');
const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);

const pages = servePages(releases);

// Address, its heading.
const MAIN: readonly (readonly [string, string])[] = [
  ['', 'Plugins'],
  ['plugins/', 'Plugins from A to Z'],
  ['plugins/jira/', 'Jira'],
  ['about/', 'About this marketplace'],
];

// Address, where it leads.
const MOVED: readonly (readonly [string, string])[] = [
  ['about', 'about/'],
  ['plugins', 'plugins/'],
  ['plugins/jira?server_version=9.5.0', 'plugins/jira/?server_version=9.5.0'],
];

/** Whether the logo and the style sheet are there. */
const IS_DRESSED = `document.querySelector('.brand img').naturalWidth > 0
  && getComputedStyle(document.querySelector('h1')).letterSpacing !== 'normal'`;

for (const { name, skip } of PAGE_SERVERS) {
  describe(`On ${name}`, { skip }, () => {
    test('the main pages show, and nothing goes wrong', async () => {
      for (const [address, heading] of MAIN) {
        const { page, troubles, close } = await pages.open(name, address);
        assert.equal(await page.locator('h1').innerText(), heading);
        assert.equal(await page.evaluate(IS_DRESSED), true, address);
        assert.deepEqual(troubles, [], address);
        await close();
      }
    });

    test('a missing slash leads to the page, and keeps the query', async () => {
      for (const [address, to] of MOVED) {
        const { page, troubles, close } = await pages.open(name, address);
        assert.equal(page.url(), `${pages.urlOf(name)}/${to}`);
        assert.deepEqual(troubles, [], address);
        await close();
      }
    });

    test('an address without a page shows one that helps', async () => {
      for (const address of ['plugins/jria/', 'nowhere/jria.html', 'Jira?a=b']) {
        const { page, troubles, close } = await pages.open(name, address);
        const link = page.getByRole('main').getByRole('link', { name: 'Jira', exact: true });
        await link.waitFor();
        assert.equal(await page.title(), 'No such page');
        const missing = `404 for ${pages.urlOf(name)}/${address}`;
        const others = troubles.filter(
          (each) => each !== missing && !/^console: .* 404 /.test(each),
        );
        assert.deepEqual(others, []);
        assert.ok(troubles.includes(missing));
        await page.waitForFunction(IS_DRESSED);
        await link.click();
        await page.locator('h1', { hasText: 'Jira' }).waitFor();
        assert.equal(page.url(), `${pages.urlOf(name)}/plugins/jira/`);
        await page.goBack();
        await page.getByLabel('Search for a plugin').fill('žoom');
        await page.getByRole('button', { name: 'Search' }).click();
        await page.waitForURL(`${pages.urlOf(name)}/?filter=%C5%BEoom`);
        await page.getByRole('link', { name: 'Zoom' }).first().waitFor();
        await close();
      }
    });

    test('without the script, it leads to all plugins', async () => {
      const { page, close } = await pages.open(name, 'nowhere', { javaScriptEnabled: false });
      assert.equal(await page.locator('h1').innerText(), 'No such page');
      await page.getByRole('link', { name: 'All plugins' }).click();
      assert.equal(page.url(), `${pages.urlOf(name)}/`);
      await close();
    });
  });
}

test('behind a proxy that cuts a prefix and says so, an address without a page helps, too', {
  skip: skipWithoutChromium,
}, async () => {
  const { page, close } = await pages.open('the embedded server', '');
  await page.route('**/shop/**', async (route) => {
    const url = route.request().url().replace('/shop/', '/');
    const headers = { ...route.request().headers(), 'x-forwarded-prefix': '/shop' };
    await route.fulfill({ response: await route.fetch({ url, headers, maxRedirects: 0 }) });
  });
  await page.goto(`${pages.urlOf('the embedded server')}/shop/plugins/jria/`);
  await page.getByRole('main').getByRole('link', { name: 'Jira', exact: true }).click();
  await page.waitForURL('**/shop/plugins/jira/');
  const { body } = await send(`${pages.urlOf('the embedded server')}/nowhere`, {
    headers: { 'x-forwarded-prefix': '/"><script>' },
  });
  assert.match(body.toString(), /href=\/>/, 'anything but a path counts for nothing');
  // Pictures may still be on their way.
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await close();
});
