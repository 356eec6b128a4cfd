import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WatchedPage } from '../../../test/engines/browser.ts';
import { ATTACK, hostileReleases } from '../../../test/samples/hostile-catalog.ts';
import { PAGE_SERVERS, servePages } from '../../../test/sites/served-pages.ts';
import { send } from '../../hosts/embedded/fixture-client.ts';
import { PAGE_HEADERS } from '../../router/headers/headers.ts';

const releases = hostileReleases();
const pages = servePages(releases);

const PHONE = { viewport: { width: 360, height: 740 } };

/** How many windows share the addresses of a test. */
const WINDOWS = 3;

/** Checks that nothing from the catalog runs, links outside the web, or breaks the layout of the page in a window. */
async function assertHarmless({ page, troubles }: WatchedPage): Promise<void> {
  const address = page.url();
  await page.evaluate(
    `for (const folded of document.querySelectorAll('details')) folded.open = true`,
  );
  const found = (await page.evaluate(`(() => {
    // A link that a browser saves and never opens.
    const isSignature = ({ href, download }) =>
      /^data:application\\/pgp-signature;base64,[A-Za-z0-9+/]+=*$/.test(href) && /^\\w[\\w.+-]*\\.sig$/.test(download);
    return {
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    scripts: [...document.scripts].filter(({ type }) => type !== 'application/ld+json').map(({ src }) => src),
    handlers: [...document.querySelectorAll('*')].flatMap(({ attributes }) =>
      [...attributes].map(({ name }) => name).filter((name) => /^(on|style$)/.test(name))),
    protocols: [...document.links].filter((link) => !isSignature(link)).map(({ protocol }) => protocol),
    headings: document.querySelectorAll('h1').length,
    inline: document.querySelectorAll('style, iframe, object, embed, form[action], base, meta[http-equiv]').length,
  }; })()`)) as Record<string, unknown> & { wide: number; protocols: string[]; scripts: string[] };
  const { wide, scripts, protocols, ...others } = found;
  assert.ok(wide <= 0, `${address} scrolls sideways`);
  assert.deepEqual(others, { handlers: [], headings: 1, inline: 0 }, address);
  for (const protocol of protocols) assert.match(protocol, /^https?:$/, address);
  assert.equal(scripts.length, 1, address);
  assert.match(scripts[0] ?? '', /\/files\/[\da-f]{8}\/2$/);
  assert.deepEqual(troubles, [], address);
}

for (const { name, skip } of PAGE_SERVERS) {
  describe(`A hostile catalog, from ${name}`, { skip }, () => {
    /** Opens addresses, in several windows at once, and looks at each. */
    async function visitAll(
      addresses: readonly string[],
      see: (opened: WatchedPage) => Promise<void>,
    ) {
      const queue = addresses.values();
      const windows = Array.from({ length: WINDOWS }, async () => {
        const opened = await pages.open(name, '', PHONE);
        for (const address of queue) {
          await opened.visit(`${pages.urlOf(name)}/${address}`);
          await see(opened);
        }
        await opened.close();
      });
      await Promise.all(windows);
    }

    test('does no harm on the list, on what the script makes of an offer, and on any other page', async () => {
      const { page, close } = await pages.open(name, '');
      const plugins = (await page.evaluate(
        `[...document.querySelectorAll('.card h2 a')].map((link) => link.pathname.slice(1))`,
      )) as string[];
      await close();
      const ids = new Set(releases.map(({ manifest }) => manifest.id));
      assert.ok(ids.size > 20);
      assert.equal(new Set(plugins).size, ids.size, 'every plugin has a page');
      const attack = encodeURIComponent(ATTACK);
      const addresses = [
        '',
        '?server_version=',
        `?server_version=${attack}`,
        `?filter=${attack}x`,
        `?server_version=1.0.0&platform=${attack}`,
        'about/',
        ...plugins,
      ];
      await visitAll(addresses, assertHarmless);
    });

    test('does no harm where a picture is opened by itself: it is sent with the headers of the pages', async () => {
      const { page, close } = await pages.open(name, '');
      const pictures = (await page.evaluate(
        `[...document.images].map((image) => new URL(image.src).pathname.slice(1))`,
      )) as string[];
      await close();
      assert.ok(pictures.length > 2);
      await visitAll([...new Set(pictures)], async ({ page, troubles }) => {
        const ran = troubles.filter((trouble) => /^(dialog|error|request)/.test(trouble));
        assert.deepEqual(ran, [], page.url());
      });
      for (const picture of new Set(pictures)) {
        const { status, headers } = await send(`${pages.urlOf(name)}/${picture}`);
        assert.equal(status, 200);
        assert.equal(headers['content-type'], 'image/svg+xml');
        assert.equal(headers['x-content-type-options'], 'nosniff');
        for (const [header, value] of Object.entries(PAGE_HEADERS)) {
          assert.equal(headers[header], value, `${picture}: ${header}`);
        }
      }
    });
  });
}
