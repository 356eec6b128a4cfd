import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { BROWSER_OPTIONS, openPage, skipWithoutChromium } from '../../../test/engines/browser.ts';
import { ATTACK, hostileReleases } from '../../../test/samples/hostile-catalog.ts';
import {
  buildPages,
  type ServedSite,
  serveByNginx,
  serveEmbedded,
  skipWithoutNginx,
} from '../../../test/sites/served-pages.ts';
import { send } from '../../hosts/embedded/fixture-client.ts';
import { PAGE_HEADERS } from '../../router/headers/headers.ts';

const releases = hostileReleases();

const phone = { viewport: { width: 360, height: 740 } };

const SERVERS: readonly {
  name: string;
  skip: string | false;
  serve: (out: string) => Promise<ServedSite>;
}[] = [
  { name: 'the embedded server', skip: skipWithoutChromium, serve: serveEmbedded },
  { name: 'nginx', skip: skipWithoutChromium || skipWithoutNginx, serve: serveByNginx },
];

for (const { name, skip, serve } of SERVERS) {
  describe(`A hostile catalog, from ${name}`, { skip }, () => {
    let built: Awaited<ReturnType<typeof buildPages>>;
    let site: ServedSite;
    let browser: Browser;
    let plugins: string[] = [];

    before(async () => {
      built = await buildPages(releases);
      site = await serve(built.out);
      browser = await chromium.launch(BROWSER_OPTIONS);
    });
    after(async () => {
      await browser.close();
      await site.stop();
      await built.remove();
    });

    /** Opens a page, and checks that nothing of the catalog runs, leads elsewhere than to the web, or breaks the layout. */
    async function assertHarmless(address: string) {
      const { page, troubles, close } = await openPage(browser, site.url + address, phone);
      const found = (await page.evaluate(`({
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        scripts: [...document.scripts].map(({ src }) => src),
        handlers: [...document.querySelectorAll('*')].flatMap(({ attributes }) =>
          [...attributes].map(({ name }) => name).filter((name) => /^(on|style$)/.test(name))),
        links: [...document.links].map(({ protocol }) => protocol),
        headings: document.querySelectorAll('h1').length,
        inline: document.querySelectorAll('style, iframe, object, embed, form[action], base, meta[http-equiv]').length,
      })`)) as Record<string, unknown> & { wide: number; links: string[]; scripts: string[] };
      assert.ok(found.wide <= 0, `${address} scrolls sideways`);
      assert.deepEqual(found['handlers'], [], address);
      assert.equal(found['headings'], 1, address);
      assert.equal(found['inline'], 0, address);
      assert.ok(
        found.links.every((protocol) => /^https?:$/.test(protocol)),
        address,
      );
      assert.equal(found.scripts.length, 1);
      assert.match(found.scripts[0] ?? '', /\/site\.js\?[\da-f]{8}$/);
      assert.deepEqual(troubles, [], address);
      await close();
    }

    test('does no harm on the list, and every plugin has a page', async () => {
      await assertHarmless('/');
      const { page, close } = await openPage(browser, `${site.url}/`);
      plugins = (await page.evaluate(
        `[...document.querySelectorAll('.card h2 a')].map((link) => link.pathname)`,
      )) as string[];
      assert.equal(
        new Set(plugins).size,
        new Set(releases.map(({ manifest }) => manifest.id)).size,
      );
      await close();
    });

    test('does no harm in what a server is offered, which the script makes', async () => {
      await assertHarmless('/?server_version=');
      await assertHarmless(`/?server_version=${encodeURIComponent(ATTACK)}`);
      await assertHarmless(`/?filter=${encodeURIComponent(ATTACK)}x`);
      await assertHarmless(`/?server_version=1.0.0&platform=${encodeURIComponent(ATTACK)}`);
    });

    test('does no harm on the pages of its plugins, and about', async () => {
      assert.ok(plugins.length > 20);
      for (const address of [...plugins, '/about/']) await assertHarmless(address);
    });

    test('does no harm where a picture is opened by itself: it is sent with the rules of the pages', async () => {
      const { page, close } = await openPage(browser, `${site.url}/`);
      const pictures = (await page.evaluate(
        `[...document.images].map((image) => new URL(image.src).pathname)`,
      )) as string[];
      await close();
      assert.ok(pictures.length > 2);
      for (const picture of new Set(pictures)) {
        const { status, headers } = await send(site.url + picture);
        assert.equal(status, 200);
        assert.equal(headers['content-type'], 'image/svg+xml');
        assert.equal(headers['x-content-type-options'], 'nosniff');
        for (const [header, value] of Object.entries(PAGE_HEADERS)) {
          assert.equal(headers[header], value, `${picture}: ${header}`);
        }
        const opened = await openPage(browser, site.url + picture);
        const ran = opened.troubles.filter((trouble) => /^(dialog|error|request)/.test(trouble));
        assert.deepEqual(ran, [], picture);
        await opened.close();
      }
    });
  });
}
