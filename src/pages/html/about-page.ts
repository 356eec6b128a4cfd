import type { Space } from '../../query/audience/space.ts';
import { groupByPlugin } from '../../query/catalog-index.ts';
import { h, type Piece } from '../shared/piece.ts';
import type { Page } from './page-frame.ts';
import { judgeInstallability } from './releases/installability.ts';

/** What the page about the marketplace is made of. */
export interface AboutSource extends Pick<Space, 'catalog' | 'steps' | 'platforms'> {
  /** Of the snapshot that the page is in. */
  readonly snapshotId: string;
  /** Where the site is; empty: the page says it in general terms, and the script knows. */
  readonly siteUrl: string;
}

/** The page at `/about/`: what this is, how a server is pointed here, the API in short. */
export function aboutPage(source: AboutSource): Page {
  return {
    path: '/about/',
    title: 'About',
    description: 'How to point a Mattermost server at this marketplace, and how to ask its API.',
    main: (up) => [
      h('h1', {}, 'About this marketplace'),
      installing(source),
      pointServer(source),
      apiInShort(source, up),
      contents(source),
    ],
  };
}

/** Whether anything here can be installed: a server takes nothing that is not signed. */
function installing({ catalog }: AboutSource): Piece {
  const count = catalog.length;
  const installable = catalog.filter(
    ({ release }) => judgeInstallability(release).refusal === undefined,
  ).length;
  if (count === installable) return undefined;
  const text =
    installable === 0
      ? 'This marketplace lists plugins and does not install them: no release here is signed in a way that servers verify, and a server installs nothing else from a marketplace.'
      : `${count - installable} of ${count} releases cannot be installed from here. Their pages say why.`;
  return h('p', { class: 'warning' }, text);
}

function pointServer({ siteUrl }: AboutSource): Piece {
  return h(
    'section',
    {},
    h('h2', { id: 'server' }, 'Point a server here'),
    h('p', {}, 'In the Mattermost server’s ', h('code', {}, 'config.json'), ':'),
    codeBlock(
      '"PluginSettings": {\n  "EnableMarketplace": true,\n  "EnableRemoteMarketplace": true,\n  "MarketplaceURL": "',
      address(siteUrl),
      '"\n}',
    ),
    h('p', {}, 'in its environment:'),
    codeBlock('MM_PLUGINSETTINGS_MARKETPLACEURL=', address(siteUrl)),
    h('p', {}, 'or, on the machine that it runs on, with local mode enabled:'),
    codeBlock('mmctl --local config set PluginSettings.MarketplaceURL ', address(siteUrl)),
    h(
      'p',
      {},
      'The System Console shows the address but does not let you change it while ',
      h('code', {}, 'PluginSettings.EnableUploads'),
      ' is off, as it is by default.',
    ),
    h('h3', {}, 'Signatures'),
    h(
      'p',
      {},
      'A server verifies the signature of every plugin that it installs from a marketplace, whether or not ',
      h('code', {}, 'PluginSettings.RequirePluginSignature'),
      ' is on. Mattermost’s own key is built in. For plugins that others have signed, put their public key beside ',
      h('code', {}, 'config.json'),
      ' and name the file in ',
      h('code', {}, 'PluginSettings.SignaturePublicKeyFiles'),
      '.',
    ),
    h('h3', {}, 'Private addresses'),
    h(
      'p',
      {},
      'A server asks no marketplace on a private address or on one of its own, unless its host name, or the address as a range such as ',
      h('code', {}, '10.0.0.5/32'),
      ', is in ',
      h('code', {}, 'ServiceSettings.AllowedUntrustedInternalConnections'),
      '. ',
      h('code', {}, 'localhost'),
      ' and ',
      h('code', {}, '127.0.0.1'),
      ' need no such entry.',
    ),
  );
}

function apiInShort({ catalog, siteUrl }: AboutSource, up: string): Piece {
  const id = encodeURIComponent(catalog[0]?.id ?? 'jira');
  const requests = [
    ['What a server is offered', 'api/v1/plugins?server_version=10.5.0&platform=linux-amd64'],
    ['Every version of a plugin', `api/v1/plugins?plugin_id=${id}&return_all_versions=true`],
    ['The labels a plugin can have', 'api/v1/labels'],
    ['Whether all is well', 'api/v1/health'],
  ] as const;
  return h(
    'section',
    {},
    h('h2', { id: 'api' }, 'Ask the API'),
    h(
      'p',
      {},
      'Every answer is a file that was made when the catalog last changed. All parameters are described in ',
      h('a', { href: `${up}openapi.json` }, 'openapi.json'),
      '.',
    ),
    h(
      'dl',
      { class: 'requests' },
      requests.map(([title, path]) =>
        h(
          'div',
          {},
          h('dt', {}, h('a', { href: up + path }, title)),
          h('dd', {}, codeBlock("curl '", address(siteUrl), `/${path}'`)),
        ),
      ),
    ),
  );
}

function contents({ catalog, platforms, snapshotId, ...space }: AboutSource): Piece {
  const plugins = groupByPlugin(catalog);
  const steps = space.steps.map(({ name }) => name).filter((name) => /^\d/.test(name));
  const rows: readonly (readonly [string, Piece])[] = [
    ['Snapshot', h('code', {}, snapshotId)],
    ['Plugins', `${plugins.length}, in ${catalog.length} releases`],
    [
      'Answers change at',
      steps.length === 0
        ? 'no server version'
        : steps.length === 1
          ? `server version ${steps[0]}`
          : `${steps.length} server versions, from ${steps[0]} to ${steps.at(-1)}`,
    ],
    ['Bundles for one platform', platforms.length === 0 ? 'none' : platforms.join(', ')],
  ];
  return h(
    'section',
    {},
    h('h2', { id: 'contents' }, 'What it holds'),
    h(
      'dl',
      { class: 'fact-list wide' },
      rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
    plugins.length === 0
      ? undefined
      : h(
          'p',
          {},
          'A snapshot is named by the digest of its contents and never changes. New releases are in the ',
          h('a', { href: '../feed.xml' }, 'feed'),
          '.',
        ),
  );
}

function codeBlock(...code: readonly Piece[]): Piece {
  return h('pre', { tabindex: '0' }, h('code', {}, code));
}

/** The script puts the real address into it, where the build does not know it. */
function address(siteUrl: string): Piece {
  return siteUrl === ''
    ? h('span', { 'data-site-address': true }, 'https://this-site.example')
    : siteUrl;
}
