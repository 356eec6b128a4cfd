import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import type { Random } from '../random.ts';

const IDS = 'jira|Todo|todo|com.example.calls|a b|all|../..|X_bot|ünï/x|con'.split('|');
const NAMES = ['Jira', 'ÉCOLE', 'İstanbul', 'zoom', 'Board', '\u{1f600}', 'K2', ''];
const VERSIONS = '0.1.0 1.0.0-rc1 1.0.0 1.0.0+b2 1.0.1 1.2.0 2.0.0-0 2.0.0 10.0.0'.split(' ');
const SERVERS = [
  ...['', '5.10.0', '5.24.9', '5.25.0-rc1', '5.25.0', '5.26.0', '6.0.0-rc1'],
  ...['6.0.0', '9.9.9+x', '10.0.0'],
];
const PLATFORMS = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'windows-amd64'];

/** A small catalog that stresses the rules: equal versions, changed names, all editions and hostings, odd ids. */
export function randomCatalog(random: Random): Release[] {
  const ids = IDS.filter(() => random.chance(0.5));
  const entries = Array.from({ length: random.below(24) }, (_, i) => {
    const id = ids.length > 0 ? random.pick(ids) : 'jira';
    const platforms = PLATFORMS.filter(() => random.chance(0.4)).map((platform) => [
      platform,
      randomBundle(random, `${i}-${platform}`),
    ]);
    return {
      download_url: `https://example.com/${i}.tar.gz`,
      signature: random.chance(0.5) ? `sig${i}` : '',
      hosting: random.pick(['', '', 'on-prem', 'cloud']),
      author_type: random.pick(['mattermost', 'partner', 'community', '']),
      release_stage: random.pick(['production', 'beta', 'experimental', '']),
      enterprise: random.chance(0.3),
      platforms: Object.fromEntries(platforms),
      manifest: {
        id,
        name: random.chance(0.8) ? `${id} name` : random.pick(NAMES),
        description: random.pick(['about', 'İ and Σ', 'a jira board', '']),
        version: random.pick(VERSIONS),
        min_server_version: random.pick(SERVERS),
      },
    };
  });
  return parseCatalog(JSON.stringify(entries), 'random.json').releases;
}

function randomBundle(random: Random, name: string) {
  if (random.chance(0.2)) return {};
  if (random.chance(0.2))
    return { download_url: 'https://example.com/same.tar.gz', signature: 'same' };
  return {
    download_url: `https://example.com/${name}.tar.gz`,
    signature: random.chance(0.8) ? `sig-${name}` : '',
  };
}

const SERVER_VERSIONS = ['5.24.0', '5.25.0', '9.9.9', '0.0.0', '0.0.0-0', '99.0.0', 'x'];

/** Query strings as clients, people and attackers send them. */
export function randomQuery(random: Random, releases: readonly Release[]): string {
  const ids = releases.map(({ manifest }) => manifest.id);
  const versions = releases.flatMap(({ manifest }) => manifest.min_server_version ?? []);
  const values: Record<string, readonly string[]> = {
    page: ['0', '0', '0', '1', '2', '-1', '9', 'x', ''],
    per_page: ['-1', '-1', '100', '1', '2', '5', '10', '0', '-2', ''],
    server_version: ['', ...SERVER_VERSIONS, ...versions],
    enterprise_plugins: ['true', 'false', '', 'T', 'no'],
    cloud: ['true', 'false', '1'],
    platform: ['', 'freebsd-amd64', 'default', 'any', ' ', ...PLATFORMS],
    plugin_id: ['', '', 'nope', '__proto__', '#', '!', ...ids],
    return_all_versions: ['true', 'false', 'false'],
    build_enterprise_ready: ['true'],
    filter: ['', '', '', '  ', 'a', 'İ', 'JIRA', 'about ', 'name', 'σ', '😀', '_', 'nope', ...ids],
  };
  return Object.keys(values)
    .filter(() => random.chance(0.7))
    .map((key) => `${key}=${encodeURIComponent(random.pick(values[key] ?? ['']))}`)
    .join('&');
}
