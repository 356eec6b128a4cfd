import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { REAL_CORPORA } from '../../../test/corpora.ts';
import { runInNode } from '../../../test/engines/edge-function.ts';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { PLAIN_SITE } from '../../../test/sites/plain-site.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import { groupByPlugin } from '../../query/catalog-index.ts';
import { planSite } from '../../site/plan/plan-site.ts';
import { nameCode } from '../../snapshot/snapshot-id.ts';
import { sitePages } from './site-pages.ts';

const readReleases = (file: string) => parseCatalog(readFileSync(file, 'utf8'), file).releases;

const LITTLE = { ...GENEROUS, search: false, everyPageSize: false, pageSizes: [100] };

async function make(releases: readonly Release[]) {
  const plan = await planSite({ ...LITTLE, routerBytes: 1e6, releases });
  const pages = await sitePages(plan.space, plan.loaded, PLAIN_SITE);
  const files = [...pages.files, pages.namingFile('0123456789abcdef')];
  return { plan, pages, files };
}

const SHIPPED = path.join(import.meta.dirname, '../../../plugins.json');

// Name, releases.
const CATALOGS: readonly (readonly [string, () => readonly Release[]])[] = [
  ['the shipped catalog', () => readReleases(SHIPPED)],
  ['an empty catalog', () => []],
  ...seeds(3).map((seed) => {
    const releases = () => randomCatalog(seededRandom(seed));
    return [`a random catalog (SEED=${seed})`, releases] as const;
  }),
  ...REAL_CORPORA.map(({ name, catalog }) => [name, () => readReleases(catalog)] as const),
];

/** The paths that a browser requests for the links of a page, on the page's own site only. */
function addressesIn(html: string, page: string): string[] {
  const found = [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, address = '']) => {
    return new URL(address.replaceAll('&amp;', '&'), `http://site.test${page}`);
  });
  return found.filter(({ host }) => host === 'site.test').map(({ pathname }) => pathname);
}

for (const [name, releasesOf] of CATALOGS) {
  describe(`The pages of ${name}`, () => {
    const made = make(releasesOf());
    const get = async () => await made;

    test('are a page for each plugin, each file once, and each picture once', async () => {
      const { plan, files } = await get();
      const plugins = groupByPlugin(plan.space.catalog).length;
      // The first page, those about the marketplace and of all names; feed, API, list, favicon and two for crawlers.
      assert.equal(files.length, 2 * plugins + plan.loaded.count + 9);
      const paths = files.map(({ path }) => path.toLowerCase());
      assert.equal(new Set(paths).size, paths.length, 'also where file systems ignore case');
      const pictures = files.filter(({ path }) => path.startsWith('site/files/'));
      const contents = pictures.map(({ content }) => String(content));
      assert.equal(new Set(contents).size, contents.length);
    });

    test('are all named by the router, at the address that the page has', async () => {
      const { plan, files } = await get();
      const root = plan.table.root;
      const { digest } = (await get()).pages;
      const addresses = files.map(({ path }) =>
        path.slice('site'.length).replace('index.html', ''),
      );
      const routed = runInNode(
        nameCode(plan.cloudFront?.code ?? '', { root, digest }),
        addresses.map((path) => ({ method: 'GET', path, query: '' })),
      );
      const expected = files.map(({ path }) => ({ path: root + path }));
      assert.deepEqual(routed, expected);
    });

    test('lead nowhere but to what is there, and ask nothing of other sites', async () => {
      const { plan, files, pages: made } = await get();
      const pages = files.filter(({ contentType }) => contentType.startsWith('text/html'));
      const asked = new Set<string>();
      for (const { path, content } of pages) {
        const page = path.slice('site'.length).replace('index.html', '');
        for (const address of addressesIn(String(content), page)) asked.add(address);
        // Addresses that a browser loads by itself, as opposed to links that a person follows.
        for (const [, source = ''] of String(content).matchAll(
          /<(?:script|img|link)[^>]* (?:src|href)="([^"]*)"/g,
        )) {
          assert.doesNotMatch(source, /^[a-z]+:|^\/\//i, `${path} loads ${source}`);
        }
      }
      const requests = [...asked].map((path) => ({ method: 'GET', path, query: '' }));
      const named = { root: plan.table.root, digest: made.digest };
      const routed = runInNode(nameCode(plan.cloudFront?.code ?? '', named), requests);
      const missing = [...asked].filter((_, i) => !('path' in (routed[i] ?? {})));
      assert.deepEqual(missing, []);
      // The first page leads to every plugin.
      const plugins = [...asked].filter((address) => /^\/plugins\/.+\/$/.test(address));
      assert.equal(plugins.length, groupByPlugin(plan.space.catalog).length);
    });

    test('are the same each time, and know no clock', async () => {
      const { files } = await get();
      const again = await make(releasesOf());
      assert.deepEqual(again.files, files, 'invariant 6');
    });
  });
}

test('the script is small', async () => {
  const { files } = await make([]);
  const script = files.find(({ contentType }) => contentType.startsWith('text/javascript'));
  const bytes = gzipSync(script?.content ?? '').length;
  assert.ok(bytes > 1000 && bytes < 20_000, `${bytes} bytes`);
});

test('the pages show the title and texts of the marketplace', async () => {
  const plan = await planSite({ ...LITTLE, releases: readReleases(SHIPPED) });
  const logo = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><!-- ours --></svg>');
  const { files, namingFile, digest } = await sitePages(plan.space, plan.loaded, {
    siteTitle: 'ACME <plugins>',
    introduction: 'Ask "IT" & wait.',
    accentColor: '#ff8800',
    siteUrl: 'https://plugins.acme.example',
    footerLinks: ['Help & more=https://help.acme.example/?a=1&b', 'Mail=mailto:it@acme.example'],
    requestUrl: 'https://git.acme.example/new?template=plugin',
    logoPicture: { contentType: 'image/svg+xml', content: logo },
  });
  const read = (path: string) => String(files.find((file) => file.path === path)?.content);
  assert.match(read('site/index.html'), /<title>ACME &lt;plugins&gt;<\/title>/);
  assert.match(read('site/index.html'), />Ask &quot;IT&quot; &amp; wait\.</);
  assert.match(read('site/plugins/jira/index.html'), /<title>Jira · ACME &lt;plugins&gt;</);
  assert.match(read(`site/files/${digest}/1`), /--on-accent:#000000/);
  assert.equal(read(`site/files/${digest}/3`), logo.toString());
  assert.equal(read('site/favicon.ico'), logo.toString());
  assert.match(
    read('site/feed.xml'),
    /href="https:\/\/plugins\.acme\.example\/plugins\/jira\/#v\d/,
  );
  for (const page of ['', 'plugins/', 'plugins/jira/']) {
    const html = read(`site/${page}index.html`);
    assert.match(
      html,
      /<a href="https:\/\/help\.acme\.example\/\?a=1&amp;b" dir="auto">Help &amp; more</,
    );
    assert.match(html, /<a href="mailto:it@acme\.example" dir="auto">Mail</);
    assert.match(
      html,
      /<nav.*<a href="https:\/\/git\.acme\.example\/new\?template=plugin">Request /,
    );
    const address = `https://plugins.acme.example/${page}`;
    assert.ok(html.includes(`<link rel="canonical" href="${address}">`), page);
    assert.ok(html.includes(`<meta property="og:url" content="${address}">`), page);
    // An SVG logo is no picture that phones and previews take.
    assert.doesNotMatch(html, /og:image|apple-touch-icon/);
  }
  assert.equal(
    read('site/robots.txt'),
    'User-agent: *\nDisallow: /api/\nSitemap: https://plugins.acme.example/sitemap.xml\n',
  );
  const sitemap = read('site/sitemap.xml');
  assert.match(sitemap, /<loc>https:\/\/plugins\.acme\.example\/plugins\/jira\/<\/loc><lastmod>20/);
  const about = String(namingFile('0123456789abcdef').content);
  assert.match(about, /&quot;MarketplaceURL&quot;: &quot;https:\/\/plugins\.acme\.example&quot;/);
  assert.match(about, />0123456789abcdef</);
});

test('pages say nothing that needs the address of the site where that is unknown', async () => {
  const { files, pages } = await make(readReleases(SHIPPED));
  const html = files.filter(({ contentType }) => contentType.startsWith('text/html'));
  for (const { path, content } of html) {
    assert.doesNotMatch(String(content), /canonical|og:url|og:image/, path);
    assert.match(String(content), / rel="apple-touch-icon" href="(\.\.\/)*files\/\w{8}\/4"/);
    assert.match(String(content), /<meta property="og:title" content="[^"]+">/);
  }
  const read = (path: string) => String(files.find((file) => file.path === path)?.content);
  assert.doesNotMatch(read('site/robots.txt'), /Sitemap/);
  assert.doesNotMatch(read('site/sitemap.xml'), /<loc>/);
  assert.match(pages.digest, /^[0-9a-f]{8}$/);
});

test('what pages load has another address where any of it is another', async () => {
  const releases = readReleases(SHIPPED);
  const { pages } = await make(releases);
  const [first, ...others] = releases;
  assert.ok(first);
  const icon_data = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
  const { pages: changed } = await make([{ ...first, icon_data }, ...others]);
  assert.notEqual(changed.digest, pages.digest);
  const without = { ...first, release_notes_url: 'https://example.com/notes' };
  const { pages: same } = await make([without, ...others]);
  assert.equal(same.digest, pages.digest);
});
