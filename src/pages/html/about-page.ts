import type { Space } from '../../query/audience/space.ts';
import { groupByPlugin } from '../../query/catalog-index.ts';
import { h, type Piece } from '../shared/piece.ts';
import type { Page } from './page-frame.ts';
import { judgeInstallability } from './releases/installability.ts';

/** What goes into `aboutPage`. */
export interface AboutSource extends Pick<Space, 'catalog' | 'columns' | 'platforms'> {
  /** Of the snapshot that holds the page. */
  readonly snapshotId: string;
  /** The address of the site; empty: the page shows a placeholder until the script replaces it. */
  readonly siteUrl: string;
}

/** The page at `/about/`: how to point a server here, the API in brief, and what the site holds. */
export function aboutPage(source: AboutSource): Page {
  return {
    path: '/about/',
    title: 'About',
    description: 'How to point a Mattermost server at this marketplace, and how to use its API.',
    main: (up) => [
      h('h1', {}, 'About this marketplace'),
      installing(source),
      pointServer(source),
      apiInShort(source, up),
      contents(source),
    ],
  };
}

/** A warning about releases that servers do not install. */
function installing({ catalog }: AboutSource): Piece {
  const count = catalog.length;
  const installable = catalog.filter(
    ({ release }) => judgeInstallability(release).refusal === undefined,
  ).length;
  if (count === installable) return undefined;
  const text =
    installable === 0
      ? 'Servers can list the plugins of this marketplace but not install them: they install signed releases only, and no release here has a signature that they accept.'
      : `${count - installable} of ${count} releases cannot be installed from here. Their pages explain why.`;
  return h('p', { class: 'warning' }, text);
}

function pointServer({ siteUrl }: AboutSource): Piece {
  return h(
    'section',
    {},
    h('h2', { id: 'server' }, 'Point your server here'),
    h('p', {}, 'Set the address in the Mattermost server’s ', h('code', {}, 'config.json'), ':'),
    codeBlock(
      '"PluginSettings": {\n  "EnableMarketplace": true,\n  "EnableRemoteMarketplace": true,\n  "MarketplaceURL": "',
      address(siteUrl),
      '"\n}',
    ),
    h('p', {}, 'or in its environment:'),
    codeBlock('MM_PLUGINSETTINGS_MARKETPLACEURL=', address(siteUrl)),
    h('p', {}, 'or, with local mode enabled, on the machine it runs on:'),
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
      'A server verifies the signature of every plugin it installs from a marketplace, whether or not ',
      h('code', {}, 'PluginSettings.RequirePluginSignature'),
      ' is on. Mattermost’s own key is built in. For plugins signed by others, put their public keys next to ',
      h('code', {}, 'config.json'),
      ' and list the files in ',
      h('code', {}, 'PluginSettings.SignaturePublicKeyFiles'),
      '.',
    ),
    h('h3', {}, 'Private addresses'),
    h(
      'p',
      {},
      'A server does not connect to a marketplace on a private address or one of its own addresses unless ',
      h('code', {}, 'ServiceSettings.AllowedUntrustedInternalConnections'),
      ' lists its host name, or its address as a range such as ',
      h('code', {}, '10.0.0.5/32'),
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
    ['The plugins for a server', 'api/v1/plugins?server_version=10.5.0&platform=linux-amd64'],
    ['Every version of a plugin', `api/v1/plugins?plugin_id=${id}&return_all_versions=true`],
    ['The labels that plugins can have', 'api/v1/labels'],
    ['The health of the marketplace', 'api/v1/health'],
  ] as const;
  return h(
    'section',
    {},
    h('h2', { id: 'api' }, 'Use the API'),
    h(
      'p',
      {},
      'Every answer is a file that was written when the catalog last changed. ',
      h('a', { href: `${up}openapi.json` }, 'openapi.json'),
      ' describes all parameters.',
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

function contents({ catalog, columns, platforms, snapshotId }: AboutSource): Piece {
  const plugins = groupByPlugin(catalog);
  const steps = columns.map(({ name }) => name).filter((name) => /^\d/.test(name));
  const rows: readonly (readonly [string, Piece])[] = [
    ['Snapshot', h('code', {}, snapshotId)],
    [
      'Plugins',
      `${plugins.length} with ${catalog.length} ${catalog.length === 1 ? 'release' : 'releases'}`,
    ],
    [
      'Answers change at',
      steps.length === 0
        ? 'no server version'
        : steps.length === 1
          ? `server version ${steps[0]}`
          : `${steps.length} server versions, from ${steps[0]} to ${steps.at(-1)}`,
    ],
    ['Platform bundles', platforms.length === 0 ? 'none' : platforms.join(', ')],
  ];
  return h(
    'section',
    {},
    h('h2', { id: 'contents' }, 'Contents'),
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
          'A snapshot is named after the digest of its contents and never changes. For new releases, follow the ',
          h('a', { href: '../feed.xml' }, 'feed'),
          '.',
        ),
  );
}

function codeBlock(...code: readonly Piece[]): Piece {
  return h('pre', { tabindex: '0' }, h('code', {}, code));
}

/** Where the build does not know the address, the script replaces the placeholder. */
function address(siteUrl: string): Piece {
  return siteUrl === ''
    ? h('span', { 'data-site-address': true }, 'https://this-site.example')
    : siteUrl;
}
