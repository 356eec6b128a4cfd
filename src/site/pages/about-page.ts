import { h, type Piece } from '../../pages/piece.ts';
import { groupByPlugin } from '../../query/catalog-index.ts';
import type { Space } from '../space.ts';
import type { Page } from './page-frame.ts';

/** What the page about the marketplace is made of. */
export interface AboutSource extends Pick<Space, 'catalog' | 'columns' | 'platforms'> {
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
      pointServer(source),
      apiInShort(source, up),
      contents(source),
    ],
  };
}

function pointServer({ siteUrl }: AboutSource): Piece {
  return h(
    'section',
    {},
    h('h2', { id: 'server' }, 'Point a server here'),
    h(
      'p',
      {},
      'In System Console under Plugins, Plugin Management, set the marketplace URL to the address of this site; or in the server’s ',
      h('code', {}, 'config.json'),
      ':',
    ),
    codeBlock(
      '"PluginSettings": {\n  "EnableMarketplace": true,\n  "EnableRemoteMarketplace": true,\n  "MarketplaceURL": "',
      address(siteUrl),
      '"\n}',
    ),
    h(
      'p',
      {},
      'A Mattermost server talks to no private address that is not named under ',
      h('code', {}, 'ServiceSettings.AllowedUntrustedInternalConnections'),
      '. One that requires signatures installs signed plugins only.',
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

function contents({ catalog, columns, platforms, snapshotId }: AboutSource): Piece {
  const plugins = groupByPlugin(catalog);
  const steps = columns.map(({ name }) => name).filter((name) => /^\d/.test(name));
  const rows: readonly (readonly [string, Piece])[] = [
    ['Snapshot', h('code', {}, snapshotId)],
    ['Plugins', `${plugins.length}, in ${catalog.length} releases`],
    [
      'Answers change at',
      steps.length === 0
        ? 'no server version'
        : `${steps.length} server versions, from ${steps[0]} to ${steps.at(-1)}`,
    ],
    ['Platforms', platforms.length === 0 ? 'the same bundles for all' : platforms.join(', ')],
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
