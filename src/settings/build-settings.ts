import { z } from 'zod';
import {
  oneOf,
  onOrOff,
  parseList,
  parseWholeNumber,
  section,
  text,
  texts,
  type ValuesOf,
  webAddressOfUser,
  wholeNumber,
} from './setting.ts';

/** Page sizes are cut out of every long list, so they are kept within reason. */
const pageSizes = z.array(z.int().min(1).max(100_000)).min(1);

const hosts = z
  .array(z.enum(['cloudfront', 'nginx', 'cloudflare', 'apache', 'caddy', 'haproxy']))
  .min(1)
  .readonly();

/** The hosts that a build can be served by, besides our own server. */
export type Host = z.infer<typeof hosts>[number];

const HOSTS: readonly Host[] = ['cloudfront', 'nginx', 'cloudflare', 'apache', 'caddy', 'haproxy'];

/** Whatever it is, the web pages stay readable: they mix it until it is. */
const COLOR = /^#[0-9a-f]{6}$/i;

const WEB_ADDRESS = /^https?:\/\/[^\s/]\S*$/i;

const FOOTER_LINK = /^([^=]*[^=\s][^=]*)=((?:https?:\/\/|mailto:)\S+)$/i;

/** The text and the address of a footer link. */
export function parseFooterLink(link: string): readonly [text: string, href: string] {
  const [, text = '', href = ''] = FOOTER_LINK.exec(link) ?? [];
  return [text.trim(), href];
}

/** More characters in one pattern of plugin ids are a mistake. */
const MOST_CHARACTERS = 1000;

const ID_PATTERNS = {
  takes: `plugin ids, with * for anything, of at most ${MOST_CHARACTERS} characters each`,
  schema: z.array(z.string().min(1).max(MOST_CHARACTERS)),
};

const minAge = z.int().min(0).max(3650);

/** The input: the catalog, and the marketplace that it is laid over. */
const INPUT_SETTINGS = section('The catalog', {
  catalog: texts({
    valueName: 'file|glob',
    takes: 'files or globs',
    fallback: ['plugins.json'],
    schema: z.array(z.string().min(1)).min(1),
    help: 'files or globs of the catalog, read in the order given; each glob is sorted',
  }),
  upstream: webAddressOfUser({
    environment: 'BUILD_UPSTREAM_URL',
    help: 'the marketplace to lay the catalog over, without /api/v1',
  }),
  upstreamKeys: texts({
    flag: 'upstream-key',
    environment: 'MARKETPLACE_UPSTREAM_KEYS',
    valueName: 'file',
    takes: 'files with OpenPGP public keys',
    help: 'files with public keys: what comes from upstream must be signed with one of them',
  }),
  upstreamReserved: texts({
    ...ID_PATTERNS,
    help: 'plugin ids that never come from upstream, with * for anything',
  }),
  upstreamAllow: texts({
    ...ID_PATTERNS,
    fallback: ['*'],
    help: 'plugin ids that may come from upstream',
  }),
  upstreamDeny: texts({ ...ID_PATTERNS, help: 'plugin ids that may not come from upstream' }),
  upstreamMinAgeDays: {
    valueName: 'days',
    fallback: 0,
    takes: 'a whole number of days, at most 3650',
    parse: (days: string) =>
      /^\d+$/.test(days) ? (minAge.safeParse(Number(days)).data ?? null) : null,
    schema: minAge,
    help: 'how old a release has to be to come from upstream, when that is fetched',
  },
  verified: text({
    valueName: 'file',
    takes: 'a file',
    fallback: 'verified.json',
    help: 'the file with what npm run catalog -- verify --record has seen of bundles',
  }),
  requireVerified: {
    ...onOrOff({
      fallback: false,
      help: 'fail where that file does not have a bundle of the catalog as it is',
    }),
    valueName: '',
  },
  ignoreChecks: {
    fallback: {} as Readonly<Record<string, readonly string[]>>,
    takes: 'lists of checks by release, such as {"jira@4.1.0": ["missing-icon"]}',
    schema: z.record(z.string(), z.array(z.string())),
    help: 'checks that are switched off for a release, such as {"jira@4.1.0": ["missing-icon"]}',
  },
});

/** The output, and its size. The health endpoint reports the last two. */
const OUTPUT_SETTINGS = section('The build', {
  dir: text({
    valueName: 'folder',
    takes: 'a folder',
    fallback: 'dist',
    alias: { name: 'out', flag: 'out', environment: 'MARKETPLACE_OUT' },
    help: 'the folder of the build: where it is made, served and published from',
  }),
  pageSizes: {
    valueName: 'list',
    fallback: [10, 20, 25, 50, 100] as readonly number[],
    takes: 'whole numbers from 1 to 100000, separated by commas',
    parse: (list: string) => {
      const sizes = parseList(list)?.map((part) => parseWholeNumber(part) ?? 0);
      return pageSizes.safeParse(sizes).data ?? null;
    },
    schema: pageSizes,
    tidy: (sizes: readonly number[]) => [...new Set([...sizes, 100])].sort((a, b) => a - b),
    help: 'page sizes to publish; 100 is always among them',
  },
  search: onOrOff({ fallback: true, help: 'text search in newest versions' }),
  everyPageSize: onOrOff({
    fallback: true,
    help: 'every page size for lists of newest versions',
  }),
  allLists: onOrOff({
    fallback: true,
    help: 'all versions of all plugins for each server version; no server asks for them',
  }),
  maxFiles: wholeNumber('files', {
    fallback: 20_000,
    help: 'the budget: how many files the answers may take, as they are stored',
  }),
  maxBytes: wholeNumber('bytes', {
    fallback: 500_000_000,
    help: 'the budget: how many bytes the answers may take, as they are stored',
  }),
  hosts: {
    valueName: 'list',
    fallback: HOSTS,
    takes: 'cloudfront, nginx, cloudflare, apache, caddy and haproxy, separated by commas',
    parse: (list: string) => hosts.safeParse(parseList(list)).data ?? null,
    schema: hosts,
    help: 'the hosts to build for, besides our own server',
  },
  routerBytes: wholeNumber('bytes', {
    fallback: 10_000,
    help: 'the largest CloudFront Function; CloudFront takes no more than 10,000 bytes',
  }),
  compress: oneOf<'off' | 'gzip' | 'both'>(['off', 'gzip', 'both'], {
    fallback: 'both',
    help: 'forms of the files: off for plain, gzip for .gz, or both',
  }),
  users: text({
    valueName: 'file',
    takes: 'a file of users',
    help: 'who may ask, as npm run users makes it: everybody else is refused; default: everybody may',
  }),
  buildTag: text({
    valueName: 'tag',
    takes: 'a git tag',
    environment: 'BUILD_TAG',
    help: 'the git tag in /api/v1/health',
  }),
  buildHash: text({
    valueName: 'hash',
    takes: 'a git hash',
    environment: 'BUILD_HASH',
    help: 'the git hash in /api/v1/health',
  }),
});

/** What web pages and the feed show. */
const WEBSITE_SETTINGS = section('The website', {
  siteTitle: text({
    valueName: 'text',
    takes: 'the name of the site',
    fallback: 'Mattermost Plugin Marketplace',
    help: 'the title of the web pages and the feed',
  }),
  introduction: text({
    valueName: 'text',
    takes: 'a text',
    fallback: 'Find a plugin for your Mattermost server, and see which version it gets.',
    schema: z.string(),
    help: 'the text above the list of plugins; it may be empty',
  }),
  accentColor: {
    valueName: 'color',
    fallback: '#1c58d9' as string,
    takes: 'a color such as #1c58d9',
    parse: (color: string) => (COLOR.test(color) ? color : null),
    schema: z.string().regex(COLOR, 'is not a color'),
    help: 'the color of links and buttons; any color is made readable',
  },
  logo: text({
    valueName: 'file',
    takes: 'an .svg or .png file',
    help: 'an .svg or .png file instead of our logo',
  }),
  footerLinks: texts({
    valueName: 'text=url',
    takes: 'texts and addresses, such as Help=https://help.example.com',
    schema: z.array(z.string().regex(FOOTER_LINK, 'is not a text and an address')),
    help: 'links of yours at the bottom of every page, such as Help=https://help.example.com',
    flag: 'footer-link',
  }),
  requestUrl: text({
    valueName: 'url',
    takes: 'a web address',
    parse: (url) => (WEB_ADDRESS.test(url) ? url : null),
    schema: z.union([z.literal(''), z.string().regex(WEB_ADDRESS, 'is not a web address')]),
    help: 'where people ask for a plugin that is missing, such as a form for an issue; pages link there',
  }),
  siteUrl: webAddressOfUser({
    tidy: (url) => url.replace(/\/+$/, ''),
    help: 'the address at which viewers find the website',
  }),
});

/** The settings of a build. */
export const BUILD_SETTINGS = { ...INPUT_SETTINGS, ...OUTPUT_SETTINGS, ...WEBSITE_SETTINGS };

/** How to build, complete. */
export type BuildSettings = ValuesOf<typeof BUILD_SETTINGS>;
