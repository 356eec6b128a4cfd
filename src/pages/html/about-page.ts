import { count } from '../../lib/errors.ts';
import type { Space } from '../../query/audience/space.ts';
import { groupByPlugin } from '../../query/catalog-index.ts';
import { h, type Piece } from '../shared/piece.ts';
import { codeBlock, definitions, paragraph, prose, section } from './elements.ts';
import type { Page } from './page-frame.ts';
import { judgeInstallability } from './releases/installability.ts';

/** The options of `aboutPage`. */
export interface AboutSource extends Pick<Space, 'catalog' | 'steps' | 'platforms'> {
  /** The id of the snapshot with the page. */
  readonly snapshotId: string;
  /** The address of the site; empty: the page shows a placeholder until the script replaces it. */
  readonly siteUrl: string;
}

/** The page at `/about/`: how to point a server here, the API in brief, and the contents of the site. */
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
  const total = catalog.length;
  const installable = catalog.filter(
    ({ release }) => judgeInstallability(release).refusal === undefined,
  ).length;
  if (total === installable) return undefined;
  const text =
    installable === 0
      ? 'Servers can list the plugins of this marketplace but not install them: they install signed releases only, and no release here has a signature that they accept.'
      : `${total - installable} of ${total} releases cannot be installed from here. Their pages explain why.`;
  return h('p', { class: 'warning' }, text);
}

function pointServer({ siteUrl }: AboutSource): Piece {
  return section(
    'server',
    'Point your server here',
    paragraph(prose('Set the address in the Mattermost server’s `config.json`:')),
    codeBlock(
      '"PluginSettings": {\n  "EnableMarketplace": true,\n  "EnableRemoteMarketplace": true,\n  "MarketplaceURL": "',
      address(siteUrl),
      '"\n}',
    ),
    paragraph('or in its environment:'),
    codeBlock('MM_PLUGINSETTINGS_MARKETPLACEURL=', address(siteUrl)),
    paragraph('or, with local mode enabled, on the machine it runs on:'),
    codeBlock('mmctl --local config set PluginSettings.MarketplaceURL ', address(siteUrl)),
    paragraph(prose(SYSTEM_CONSOLE)),
    h('h3', {}, 'Signatures'),
    paragraph(prose(SIGNATURES)),
    h('h3', {}, 'Private addresses'),
    paragraph(prose(PRIVATE_ADDRESSES)),
  );
}

const SYSTEM_CONSOLE =
  'The System Console shows the address but does not let you change it while `PluginSettings.EnableUploads` is off, as it is by default.';

const SIGNATURES =
  'A server verifies the signature of every plugin it installs from a marketplace, whether or not `PluginSettings.RequirePluginSignature` is on. Mattermost’s own key is built in. For plugins signed by others, put their public keys next to `config.json` and list the files in `PluginSettings.SignaturePublicKeyFiles`.';

const PRIVATE_ADDRESSES =
  'A server does not connect to a marketplace on a private address or one of its own addresses unless `ServiceSettings.AllowedUntrustedInternalConnections` lists its host name, or its address as a range such as `10.0.0.5/32`. `localhost` and `127.0.0.1` need no such entry.';

function apiInShort({ catalog, siteUrl }: AboutSource, up: string): Piece {
  const id = encodeURIComponent(catalog[0]?.id ?? 'jira');
  const requests = [
    ['The plugins for a server', 'api/v1/plugins?server_version=10.5.0&platform=linux-amd64'],
    ['Every version of a plugin', `api/v1/plugins?plugin_id=${id}&return_all_versions=true`],
    ['The labels that plugins can have', 'api/v1/labels'],
    ['The health of the marketplace', 'api/v1/health'],
  ] as const;
  return section(
    'api',
    'Use the API',
    paragraph(
      'Every answer is a file that was written when the catalog last changed. ',
      h('a', { href: `${up}openapi.json` }, 'openapi.json'),
      ' describes all parameters.',
    ),
    definitions(
      'requests',
      requests.map(([title, path]) => [
        h('a', { href: up + path }, title),
        codeBlock("curl '", address(siteUrl), `/${path}'`),
      ]),
    ),
  );
}

function contents({ catalog, platforms, snapshotId, ...space }: AboutSource): Piece {
  const plugins = groupByPlugin(catalog);
  const releases = count(catalog.length, 'release');
  const steps = space.steps.slice(1, -1).map(({ serverVersion }) => serverVersion);
  const changes = [
    'no server version',
    `server version ${steps[0]}`,
    `${steps.length} server versions, from ${steps[0]} to ${steps.at(-1)}`,
  ];
  const feed = paragraph(
    'A snapshot is named after the digest of its contents and never changes. For new releases, follow the ',
    h('a', { href: '../feed.xml' }, 'feed'),
    '.',
  );
  return section(
    'contents',
    'Contents',
    definitions('fact-list wide', [
      ['Snapshot', h('code', {}, snapshotId)],
      ['Plugins', `${plugins.length} with ${releases}`],
      ['Answers change at', changes[Math.min(steps.length, 2)]],
      ['Platform bundles', platforms.join(', ') || 'none'],
    ]),
    plugins.length === 0 ? undefined : feed,
  );
}

/** If the build does not know the address, the script replaces the placeholder. */
function address(siteUrl: string): Piece {
  return siteUrl === ''
    ? h('span', { 'data-site-address': true }, 'https://this-site.example')
    : siteUrl;
}
