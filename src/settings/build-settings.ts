import { z } from 'zod';
import { BUILD_FOLDER } from './build-folder.ts';
import {
  oneOf,
  onOrOff,
  parseList,
  parseWholeNumber,
  type SettingTable,
  text,
  texts,
  webAddress,
  wholeNumber,
} from './setting.ts';
import { SITE_URL } from './site-url.ts';

/** In which forms files are written. */
const COMPRESS_MODES = ['off', 'gzip', 'both'] as const;

/** What a build can be told, complete. */
export interface BuildSettings {
  /** Files or globs of the catalog, in the order in which they are read. */
  readonly catalog: readonly string[];
  /** The marketplace that the catalog is laid over, without `/api/v1`; empty: none. */
  readonly upstream: string;
  /** Patterns of plugin ids that never come from upstream, for they are ours. */
  readonly upstreamReserved: readonly string[];
  /** Patterns of plugin ids that may come from upstream. */
  readonly upstreamAllow: readonly string[];
  /** Patterns of plugin ids that may not. */
  readonly upstreamDeny: readonly string[];
  /** The names of checks that are switched off, by release: `jira@4.1.0`. */
  readonly ignoreChecks: Readonly<Record<string, readonly string[]>>;
  /** Folder of the build. */
  readonly dir: string;
  /** Page sizes to publish beside the whole answer; 100 is always among them. */
  readonly pageSizes: readonly number[];
  /** Whether to publish text search, where the budget allows. */
  readonly search: boolean;
  /** Whether to publish every page size of the lists of newest versions, where the budget allows. */
  readonly everyPageSize: boolean;
  /** The budget: how many files the answers may take. */
  readonly maxFiles: number;
  /** The budget: how many bytes the answers may take. */
  readonly maxBytes: number;
  /** The largest router to accept, in bytes. CloudFront takes no more than 10,000. */
  readonly routerBytes: number;
  /** Which forms of the files to write: plain, gzip (`<path>.gz`, where that is smaller), or both. */
  readonly compress: (typeof COMPRESS_MODES)[number];
  /** What the site is called on its pages and in its feed. */
  readonly siteTitle: string;
  /** What the site says of itself, as plain text; empty: nothing. */
  readonly introduction: string;
  /** The colour of links and buttons, as `#rrggbb`. */
  readonly accentColor: string;
  /** A file with the site's own picture, SVG or PNG; empty: one of ours. */
  readonly logo: string;
  /** Where viewers find the site, such as `https://plugins.example.com`; empty: pages and feed do without. */
  readonly siteUrl: string;
  /** Git tag that `/api/v1/health` tells. */
  readonly buildTag: string;
  /** Git hash that `/api/v1/health` tells. */
  readonly buildHash: string;
}

/** Page sizes are cut out of every long list, so they are kept within reason. */
const pageSize = z.int().min(1).max(100_000);

/** Whatever it is, the pages stay readable: they mix it until it is. */
const COLOR = /^#[0-9a-f]{6}$/i;

const IDS = 'plugin ids, with * for anything';

/** The settings of a build, and their defaults. `ignoreChecks` is for the file only. */
export const BUILD_SETTINGS: SettingTable<BuildSettings> = {
  catalog: {
    flag: 'catalog',
    environment: 'MARKETPLACE_CATALOG',
    fallback: ['plugins.json'],
    takes: 'files or globs, separated by commas',
    parse: parseList,
    schema: z.array(z.string().min(1)).min(1),
  },
  upstream: webAddress('upstream', 'BUILD_UPSTREAM_URL'),
  upstreamReserved: texts('upstream-reserved', 'MARKETPLACE_UPSTREAM_RESERVED', [], IDS),
  upstreamAllow: texts('upstream-allow', 'MARKETPLACE_UPSTREAM_ALLOW', ['*'], IDS),
  upstreamDeny: texts('upstream-deny', 'MARKETPLACE_UPSTREAM_DENY', [], IDS),
  ignoreChecks: {
    fallback: {},
    takes: 'lists of checks by release, such as {"jira@4.1.0": ["missing-icon"]}',
    schema: z.record(z.string(), z.array(z.string())),
  },
  dir: BUILD_FOLDER,
  pageSizes: {
    flag: 'page-sizes',
    environment: 'MARKETPLACE_PAGE_SIZES',
    fallback: [10, 20, 25, 50, 100],
    takes: 'whole numbers from 1 to 100000, separated by commas',
    parse: (list) => {
      const sizes = parseList(list)?.map((part) => parseWholeNumber(part) ?? 0) ?? [];
      return z.array(pageSize).min(1).safeParse(sizes).success ? sizes : null;
    },
    schema: z.array(pageSize).min(1),
  },
  search: onOrOff('search', 'MARKETPLACE_SEARCH'),
  everyPageSize: onOrOff('every-page-size', 'MARKETPLACE_EVERY_PAGE_SIZE'),
  maxFiles: wholeNumber('max-files', 'MARKETPLACE_MAX_FILES', 20_000, 'files'),
  maxBytes: wholeNumber('max-bytes', 'MARKETPLACE_MAX_BYTES', 2 * 1024 ** 3, 'bytes'),
  routerBytes: wholeNumber('router-bytes', 'MARKETPLACE_ROUTER_BYTES', 10_000, 'bytes'),
  compress: oneOf('compress', 'MARKETPLACE_COMPRESS', 'both', COMPRESS_MODES),
  siteTitle: {
    ...text('site-title', 'MARKETPLACE_SITE_TITLE', 'the name of the site'),
    fallback: 'Mattermost Plugin Marketplace',
    schema: z.string().min(1),
  },
  introduction: {
    ...text('introduction', 'MARKETPLACE_INTRODUCTION', 'a text'),
    fallback: 'Find a plugin for your Mattermost server, and see which version it gets.',
  },
  accentColor: {
    flag: 'accent-color',
    environment: 'MARKETPLACE_ACCENT_COLOR',
    fallback: '#1c58d9',
    takes: 'a colour such as #1c58d9',
    parse: (color) => (COLOR.test(color) ? color : null),
    schema: z.string().regex(COLOR, 'is no colour'),
  },
  logo: text('logo', 'MARKETPLACE_LOGO', 'an .svg or .png file'),
  siteUrl: SITE_URL,
  buildTag: text('build-tag', 'BUILD_TAG', 'a git tag'),
  buildHash: text('build-hash', 'BUILD_HASH', 'a git hash'),
};

/** The `options` of `parseArgs` for the settings of a build, to be joined with a command's own. */
export const BUILD_FLAGS = {
  catalog: { type: 'string', multiple: true },
  upstream: { type: 'string' },
  'upstream-reserved': { type: 'string', multiple: true },
  'upstream-allow': { type: 'string', multiple: true },
  'upstream-deny': { type: 'string', multiple: true },
  dir: { type: 'string' },
  out: { type: 'string' },
  'page-sizes': { type: 'string' },
  search: { type: 'string' },
  'every-page-size': { type: 'string' },
  'max-files': { type: 'string' },
  'max-bytes': { type: 'string' },
  'router-bytes': { type: 'string' },
  compress: { type: 'string' },
  'site-title': { type: 'string' },
  introduction: { type: 'string' },
  'accent-color': { type: 'string' },
  logo: { type: 'string' },
  'site-url': { type: 'string' },
  'build-tag': { type: 'string' },
  'build-hash': { type: 'string' },
  config: { type: 'string' },
} as const;
