import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeSigningKey } from '../../../../test/samples/signing-keys.ts';
import { PLAIN_SITE } from '../../../../test/sites/plain-site.ts';
import { GENEROUS } from '../../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { planSite } from '../../../site/plan/plan-site.ts';
import { sitePages } from '../site-pages.ts';

const LITTLE = { ...GENEROUS, search: false, everyPageSize: false, pageSizes: [100] };
const SIGNATURE = (await (await makeSigningKey()).sign(Buffer.from('bundle'))).toString('base64');

/** The texts of the pages of a catalog: of the list, of the plugin and of /about/, without tags. */
async function pagesOf(catalog: string, id: string) {
  const { releases, problems } = parseCatalog(catalog, 'plugins.json');
  assert.deepEqual(problems, []);
  const plan = await planSite({ ...LITTLE, releases });
  const { files, namingFile } = await sitePages(plan.space, plan.loaded, PLAIN_SITE);
  const read = (name: string) => String(files.find((file) => file.path === name)?.content ?? '');
  // Without the controls: they are about servers.
  const strip = (html: string) =>
    html
      .replace(/<form.*?<\/form>|<script.*?<\/script>/gs, '')
      .replace(/<[^>]*>/g, '|')
      .replace(/\|+/g, '|')
      // Words of a list are elements of their own.
      .replaceAll(',| |', ', ');
  return {
    list: strip(read('site/index.html')),
    plugin: strip(read(`site/plugins/${id}/index.html`)),
    about: strip(String(namingFile('0123456789abcdef').content)),
  };
}

const executables = (...platforms: string[]) =>
  Object.fromEntries(platforms.map((platform) => [platform, `plugin-${platform}`]));

const one = (manifest: object, more: object = {}) =>
  JSON.stringify([
    {
      download_url: 'https://a.example/p-1.0.0.tar.gz',
      signature: SIGNATURE,
      manifest: { id: 'com.example.p', version: '1.0.0', ...manifest },
      ...more,
    },
  ]);

test('the case every-platform: the pages show its platforms', async () => {
  const file = path.join(import.meta.dirname, '../../../../test/fixtures/cases/every-platform');
  const catalog = readFileSync(path.join(file, 'catalog.json'), 'utf8');
  const { list, plugin } = await pagesOf(catalog, 'com.example.amd');
  assert.match(list, /\|Runs on \|linux-amd64\|/);
  assert.match(plugin, /\|Runs on\|linux-amd64\|/);
  assert.match(plugin, /\|Default bundle\|linux-amd64\|not signed/);
  for (const text of [list, plugin]) assert.doesNotMatch(text, /every platform|any platform/i);
});

const FIVE = executables(
  'linux-amd64',
  'linux-arm64',
  'darwin-amd64',
  'darwin-arm64',
  'windows-amd64',
);
const ALL_FIVE = 'linux-amd64, linux-arm64, darwin-amd64, darwin-arm64, windows-amd64';
const own = (platform: string, signature = SIGNATURE) => ({
  platforms: {
    [platform]: { download_url: `https://a.example/p-1.0.0-${platform}.tar.gz`, signature },
  },
});
const OF_LINUX = { download_url: 'https://a.example/p-1.0.0-linux-amd64.tar.gz' };

// manifest, the rest of the entry, on the card, on the page, beside the default bundle ('': nothing)
const cases: readonly (readonly [object, object, string, string, string])[] = [
  [{ server: { executables: FIVE } }, {}, ALL_FIVE, ALL_FIVE, ALL_FIVE],
  [
    { server: { executables: FIVE } },
    own('linux-amd64'),
    ALL_FIVE,
    ALL_FIVE,
    'linux-arm64, darwin-amd64, darwin-arm64, windows-amd64',
  ],
  [{ server: { executables: FIVE } }, own('linux-amd64', ''), ALL_FIVE, ALL_FIVE, ALL_FIVE],
  [{ server: { executables: FIVE } }, OF_LINUX, 'linux-amd64', 'linux-amd64', 'linux-amd64'],
  [
    { server: { executables: FIVE } },
    { ...OF_LINUX, ...own('darwin-arm64') },
    'linux-amd64, darwin-arm64',
    'linux-amd64, darwin-arm64',
    'linux-amd64',
  ],
  [
    { server: { executables: executables('linux-amd64') } },
    own('linux-amd64'),
    'linux-amd64',
    'linux-amd64',
    '',
  ],
  [
    { backend: { executables: executables('freebsd-amd64') } },
    {},
    'freebsd-amd64',
    'freebsd-amd64',
    'freebsd-amd64',
  ],
  [{ webapp: { bundle_path: 'main.js' } }, {}, 'any platform', 'any platform', 'any platform'],
  [{ server: { executable: 'plugin' } }, {}, '', 'not stated (one executable for all)', ''],
  [{ server: { executables: {} } }, {}, 'no platform', 'no platform', ''],
];

for (const [manifest, more, onCard, onPage, onDefault] of cases) {
  test(`the platforms of ${JSON.stringify({ ...manifest, ...more }).slice(0, 150)}`, async () => {
    const { list, plugin } = await pagesOf(one(manifest, more), 'com.example.p');
    const card = list.replaceAll(',| |', ', ');
    const expected = onCard === '' ? 'Download' : `Runs on |${onCard}`;
    assert.ok(card.includes(`|Any server|${expected}|`), list);
    assert.ok(plugin.includes(`|Runs on|${onPage}|`), plugin);
    assert.ok(plugin.includes(`|Default bundle|${onDefault === '' ? 'Sig' : onDefault}`), plugin);
  });
}

const LINUX = { server: { executables: executables('linux-amd64') } };
const NO_RELEASE = /Servers can list the plugins of this marketplace but not install them/;

// what is so, the entry, on the plugin's page, on the page about the marketplace (undefined: no word of it)
const installability: readonly (readonly [
  string,
  object,
  RegExp | undefined,
  RegExp | undefined,
])[] = [
  ['signed', {}, undefined, undefined],
  [
    'not signed',
    { signature: '' },
    /\|Not signed: servers do not install it from here\.\|/,
    NO_RELEASE,
  ],
  ['signed with nothing', { signature: 'AAAA' }, /\|Not signed: servers do not/, NO_RELEASE],
  ['without a bundle', { download_url: '' }, /\|No bundle: servers do not/, NO_RELEASE],
  [
    'signed for a platform only',
    { signature: '', ...own('linux-amd64') },
    /\|Default bundle\|not signed: servers do not install it from here\|/,
    undefined,
  ],
  [
    'to be had by http',
    { download_url: 'http://a.example/p.tar.gz' },
    /\|Turn on \|PluginSettings\.AllowInsecureDownloadURL\|/,
    undefined,
  ],
];

for (const [about, more, onPage, onAbout] of installability) {
  test(`the pages show whether servers install what is ${about}`, async () => {
    const pages = await pagesOf(one(LINUX, more), 'com.example.p');
    assert.match(pages.plugin, onPage ?? /\|mmctl plugin marketplace install com\.example\.p/);
    const isRefused = / servers do not install it from here\.\|/.test(pages.plugin);
    assert.equal(/mmctl plugin marketplace install/.test(pages.plugin), !isRefused);
    if (onAbout) assert.match(pages.about, onAbout);
    else assert.doesNotMatch(pages.about, /but not install|cannot be installed/);
  });
}

test('if some releases can be installed, the page shows how many cannot', async () => {
  const entries = ['a', 'b', 'c'].map((id, i) => {
    const [entry] = JSON.parse(one(LINUX, i === 0 ? {} : { signature: '' }));
    return { ...entry, manifest: { ...entry.manifest, id: `com.example.${id}` } };
  });
  const { about } = await pagesOf(JSON.stringify(entries), 'com.example.a');
  assert.match(
    about,
    /\|2 of 3 releases cannot be installed from here\. Their pages explain why\.\|/,
  );
});

test('the page about the marketplace shows what a server needs', async () => {
  const { about } = await pagesOf('[]', '');
  for (const part of [
    /\|MM_PLUGINSETTINGS_MARKETPLACEURL=\|/,
    /\|mmctl --local config set PluginSettings\.MarketplaceURL \|/,
    /does not let you change it while \|PluginSettings\.EnableUploads\| is off/,
    /whether or not \|PluginSettings\.RequirePluginSignature\| is on/,
    /\|PluginSettings\.SignaturePublicKeyFiles\|/,
    /\|localhost\| and \|127\.0\.0\.1\| need no such entry/,
  ]) {
    assert.match(about, part);
  }
  assert.doesNotMatch(about, /but not install/, 'there is nothing to install');
});
