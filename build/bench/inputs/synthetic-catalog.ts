import { type Random, seededRandom } from '../../../test/random.ts';

/** The properties of a synthetic catalog. The same options give the same catalog. */
export interface SyntheticCatalogOptions {
  readonly seed: number;
  readonly plugins: number;
  /** On average; a few plugins have many more, most have fewer. */
  readonly releasesPerPlugin: number;
  /** How many distinct `min_server_version`s there are, if there are enough releases. */
  readonly thresholds: number;
  /** Share of the releases, the newest of each plugin, that have bundles for platforms. */
  readonly platformShare: number;
  /** How many different words names and descriptions use: the fewer, the more plugins a text search finds. */
  readonly words: number;
  /** Times the length that icons, signatures and settings have in real catalogs; 0 for the least that is valid. */
  readonly bulk: number;
}

/** Like the largest of the real catalogs, with 40 plugins and 210 releases. */
export const LIKE_PRODUCTION: SyntheticCatalogOptions = {
  seed: 4,
  plugins: 40,
  releasesPerPlugin: 5.25,
  thresholds: 26,
  platformShare: 0.67,
  words: 120,
  bulk: 1,
};

/** Lengths in real catalogs, in characters. A third of the plugins have no icon, and some have a photograph. */
const SIGNATURE = 756;
const ICONS = [0, 0, 0, 1100, 1100, 1300, 1500, 3500, 6500, 36_000];
const MOST_SETTINGS = 14;
const DESCRIPTION = 54;

const PLATFORMS = ['linux-amd64', 'darwin-amd64', 'windows-amd64'];

/** Generates the entries of a `plugins.json`, similar in size and shape to real ones, without their texts. */
export function syntheticCatalog(options: SyntheticCatalogOptions): object[] {
  const random = seededRandom(options.seed);
  const words = makeWords(options.words, random);
  let dealt = 0;
  return countReleases(options, random).flatMap((count, number) => {
    const plugin = makePlugin(number, words, options.bulk, random);
    // Several releases in a row run on the same servers. The prime leaves no threshold out, and gives each plugin distant ones.
    const thresholds = Array.from({ length: Math.ceil(count / 2) }, () => {
      return (dealt++ * 101) % options.thresholds;
    }).sort((a, b) => a - b);
    let description = makeText(words, DESCRIPTION, random);
    let version: readonly [number, number, number] = [0, 1, 0];
    return Array.from({ length: count }, (_, at) => {
      if (at > 0) version = nextVersion(version, random);
      if (random.chance(0.05)) description = makeText(words, DESCRIPTION, random);
      return makeEntry(plugin, options.bulk, random, {
        version: version.join('.'),
        description,
        threshold: thresholds[Math.floor((at * thresholds.length) / count)] ?? 0,
        hasBundles: at >= count * (1 - options.platformShare),
      });
    });
  });
}

/** How many releases each plugin has: the more it has, the more it gets. */
function countReleases(options: SyntheticCatalogOptions, random: Random): number[] {
  const owners = Array.from({ length: options.plugins }, (_, plugin) => plugin);
  const total = Math.round(options.plugins * options.releasesPerPlugin);
  while (owners.length < total) owners.push(random.pick(owners));
  const counts = new Array<number>(options.plugins).fill(0);
  for (const owner of owners) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

type Plugin = ReturnType<typeof makePlugin>;

function makePlugin(number: number, words: readonly string[], bulk: number, random: Random) {
  const prefix = random.pick(['', 'com.example.', 'com.example.plugin-', 'plugin-']);
  const name = random.chance(0.7) ? [random.pick(words)] : [random.pick(words), random.pick(words)];
  const icon = Math.round(random.pick(ICONS) * bulk);
  return {
    id: `${prefix}${name.join('-')}-${number}`,
    name: name.map(capitalize).join(' '),
    icon_data: icon === 0 ? '' : `data:image/svg+xml;base64,${noise(icon, random)}`,
    author_type: random.pick(['mattermost', 'partner', 'community']),
    enterprise: random.chance(0.075),
    settings: Array.from({ length: Math.round(random.below(MOST_SETTINGS + 1) * bulk) }, () => ({
      key: random.pick(words) + random.pick(words),
      display_name: makeText(words, 20, random),
      type: random.pick(['text', 'bool', 'generated', 'dropdown']),
      help_text: makeText(words, 120, random),
      placeholder: '',
      default: null,
    })),
  };
}

function makeEntry(
  { id, name, settings, ...plugin }: Plugin,
  bulk: number,
  random: Random,
  release: { version: string; description: string; threshold: number; hasBundles: boolean },
): object {
  const { version, description, threshold, hasBundles } = release;
  const homepage_url = `https://git.example.com/${id}`;
  const bundle = `https://dl.example.com/release/${id}-v${version}`;
  // At least long enough that the signatures of two bundles differ.
  const sign = () => noise(Math.max(8, Math.round(SIGNATURE * bulk)), random);
  const hosting = random.below(100);
  const toPlatform = (platform: string) => [
    platform,
    hasBundles ? { download_url: `${bundle}-${platform}.tar.gz`, signature: sign() } : {},
  ];
  return {
    ...plugin,
    homepage_url,
    download_url: `${bundle}.tar.gz`,
    release_notes_url: `${homepage_url}/releases/v${version}`,
    hosting: hosting < 3 ? 'cloud' : hosting < 10 ? 'on-prem' : '',
    release_stage: 'production',
    signature: sign(),
    repo_name: id,
    manifest: {
      id,
      name,
      description,
      version,
      // Like real server versions: 5.12.0, and the next major version after a dozen.
      min_server_version: `${5 + Math.floor(threshold / 12)}.${threshold % 12}.0`,
      ...(bulk > 0 && {
        homepage_url,
        support_url: `${homepage_url}/issues`,
        server: { executables: { 'linux-amd64': 'server/dist/plugin-linux-amd64' } },
        webapp: { bundle_path: 'webapp/dist/main.js' },
        settings_schema: { header: '', footer: '', settings },
      }),
    },
    platforms: Object.fromEntries(PLATFORMS.map(toPlatform)),
    updated_at: `20${18 + random.below(7)}-0${1 + random.below(9)}-15T10:00:00Z`,
  };
}

function nextVersion([major, minor, patch]: readonly [number, number, number], random: Random) {
  if (random.chance(0.1)) return [major + 1, 0, 0] as const;
  return random.chance(0.5)
    ? ([major, minor + 1, 0] as const)
    : ([major, minor, patch + 1] as const);
}

/** Words of two or three syllables, each another. */
function makeWords(count: number, random: Random): string[] {
  const words = new Set<string>();
  while (words.size < count) {
    const syllables = Array.from({ length: 2 + random.below(2) }, () => {
      return random.pick([...'bcdfghjklmnprstvz']) + random.pick([...'aeiou']);
    });
    words.add(syllables.join('') + random.pick(['', '', 'n', 'r', 's']));
  }
  return [...words];
}

/** Words up to about a length, as a sentence. */
function makeText(words: readonly string[], length: number, random: Random): string {
  let text = random.pick(words);
  while (text.length < length - 4) text += ` ${random.pick(words)}`;
  return `${capitalize(text)}.`;
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** So many characters of base64 that do not compress. */
export function noise(length: number, random: Random): string {
  const bytes = Array.from({ length: Math.ceil((length * 3) / 4) }, () => random.below(256));
  return Buffer.from(bytes).toString('base64').slice(0, length);
}
