import { type Random, seededRandom } from '../../../test/random.ts';

/** What a synthetic catalog is to be like. The same options give the same catalog. */
export interface SyntheticCatalogOptions {
  readonly seed: number;
  readonly plugins: number;
  /** On average; a few plugins have many more, most have fewer. */
  readonly releasesPerPlugin: number;
  /** How many distinct `min_server_version`s there are, where there are releases enough for them. */
  readonly thresholds: number;
  /** Share of the releases, the newest of each plugin, that have bundles for platforms. */
  readonly platformShare: number;
  /** Share of the plugins that are for enterprise servers only. */
  readonly enterpriseShare: number;
  /** Shares of the releases that are for one kind of hosting only. */
  readonly cloudShare: number;
  readonly onPremShare: number;
  /** How many different words names and descriptions are made of: the fewer, the more plugins a text finds. */
  readonly words: number;
  /** Times the length that icons, signatures and settings have in real catalogs; 0 for the least that is valid. */
  readonly bulk: number;
}

/** As the largest of the real catalogs is, of 40 plugins and 210 releases. */
export const LIKE_PRODUCTION: SyntheticCatalogOptions = {
  seed: 1,
  plugins: 40,
  releasesPerPlugin: 5.25,
  thresholds: 26,
  platformShare: 0.67,
  enterpriseShare: 0.075,
  cloudShare: 0.03,
  onPremShare: 0.07,
  words: 120,
  bulk: 1,
};

const PLATFORMS = ['linux-amd64', 'darwin-amd64', 'windows-amd64'];

/** Lengths in real catalogs, in characters. A third of the plugins have no icon, and some have a photograph. */
const SIGNATURE = 756;
const ICONS = [0, 0, 0, 1100, 1100, 1300, 1500, 3500, 6500, 36_000];
const MOST_SETTINGS = 14;
const DESCRIPTION = 54;

/** How often a release describes its plugin anew. */
const NEW_DESCRIPTION = 0.05;

/** A plugin of which the releases are made. */
interface Plugin {
  readonly id: string;
  readonly name: string;
  readonly icon: string;
  readonly settings: readonly object[];
  readonly authorType: string;
  readonly enterprise: boolean;
}

/** Makes up the entries of a `plugins.json`, alike in size and shape to real ones and with not a word of theirs. */
export function syntheticCatalog(options: SyntheticCatalogOptions): object[] {
  const random = seededRandom(options.seed);
  const words = makeWords(options.words, random);
  const deck = shuffledDeck(options, random);
  const ids = new Set<string>();
  return countReleases(options, random).flatMap((count) => {
    const plugin = makePlugin(ids, words, options, random);
    ids.add(plugin.id);
    // Several releases in a row run on the same servers.
    const thresholds = deck.splice(0, Math.ceil(count / 2)).sort((a, b) => a - b);
    let description = makeText(words, DESCRIPTION, random);
    let version: Version = [0, 1, 0];
    return Array.from({ length: count }, (_, number) => {
      if (number > 0) version = nextVersion(version, random);
      if (random.chance(NEW_DESCRIPTION)) description = makeText(words, DESCRIPTION, random);
      const threshold = thresholds[Math.floor((number * thresholds.length) / count)] ?? 0;
      const hasBundles = number >= count * (1 - options.platformShare);
      const asked = { version: version.join('.'), description, threshold, hasBundles };
      return makeEntry(plugin, asked, options, random);
    });
  });
}

/** How many releases each plugin has: who has many gets more. */
function countReleases(options: SyntheticCatalogOptions, random: Random): number[] {
  const owners = Array.from({ length: options.plugins }, (_, plugin) => plugin);
  const total = Math.round(options.plugins * options.releasesPerPlugin);
  while (owners.length < total) owners.push(random.pick(owners));
  const counts = new Array<number>(options.plugins).fill(0);
  for (const owner of owners) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

/** Numbers of thresholds, shuffled: each as often as any other, so that dealing leaves none out. */
function shuffledDeck(options: SyntheticCatalogOptions, random: Random): number[] {
  const releases = Math.ceil(options.plugins * (options.releasesPerPlugin + 1));
  const deck: number[] = [];
  while (deck.length < releases) {
    const round = Array.from({ length: options.thresholds }, (_, threshold) => threshold);
    while (round.length > 0) deck.push(...round.splice(random.below(round.length), 1));
  }
  return deck;
}

function makePlugin(
  taken: ReadonlySet<string>,
  words: readonly string[],
  { enterpriseShare, bulk }: SyntheticCatalogOptions,
  random: Random,
): Plugin {
  const name = random.chance(0.7) ? [random.pick(words)] : [random.pick(words), random.pick(words)];
  const prefix = random.pick(['', 'com.example.', 'com.example.plugin-', 'plugin-']);
  const base = prefix + name.join('-');
  let id = base;
  for (let number = 2; taken.has(id); number++) id = `${base}-${number}`;
  const icon = Math.round(random.pick(ICONS) * bulk);
  const settings = Math.round(random.below(MOST_SETTINGS + 1) * bulk);
  return {
    id,
    name: name.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' '),
    icon: icon === 0 ? '' : `data:image/svg+xml;base64,${base64(icon, random)}`,
    settings: Array.from({ length: settings }, () => makeSetting(words, random)),
    authorType: random.pick(['mattermost', 'partner', 'community']),
    enterprise: random.chance(enterpriseShare),
  };
}

function makeEntry(
  { id, name, icon, settings, authorType, enterprise }: Plugin,
  asked: { version: string; description: string; threshold: number; hasBundles: boolean },
  { cloudShare, onPremShare, bulk }: SyntheticCatalogOptions,
  random: Random,
): object {
  const { version, description, threshold, hasBundles } = asked;
  const homepage = `https://git.example.com/${id}`;
  const release = `https://dl.example.com/release/${id}-v${version}`;
  // At least so much that the signatures of two bundles differ.
  const sign = () => base64(Math.max(8, Math.round(SIGNATURE * bulk)), random);
  const hosting = random.below(1000) / 1000;
  return {
    homepage_url: homepage,
    icon_data: icon,
    download_url: `${release}.tar.gz`,
    release_notes_url: `${homepage}/releases/v${version}`,
    hosting: hosting < cloudShare ? 'cloud' : hosting < cloudShare + onPremShare ? 'on-prem' : '',
    author_type: authorType,
    release_stage: 'production',
    enterprise,
    signature: sign(),
    repo_name: id,
    manifest: {
      id,
      name,
      description,
      version,
      min_server_version: serverVersion(threshold),
      ...(bulk > 0 && {
        homepage_url: homepage,
        support_url: `${homepage}/issues`,
        server: { executables: { 'linux-amd64': 'server/dist/plugin-linux-amd64' } },
        webapp: { bundle_path: 'webapp/dist/main.js' },
        settings_schema: { header: '', footer: '', settings },
      }),
    },
    platforms: Object.fromEntries(
      PLATFORMS.map((platform) => [
        platform,
        hasBundles ? { download_url: `${release}-${platform}.tar.gz`, signature: sign() } : {},
      ]),
    ),
    updated_at: `20${18 + random.below(7)}-0${1 + random.below(9)}-15T10:00:00Z`,
  };
}

function makeSetting(words: readonly string[], random: Random): object {
  return {
    key: random.pick(words) + random.pick(words),
    display_name: makeText(words, 20, random),
    type: random.pick(['text', 'bool', 'generated', 'dropdown']),
    help_text: makeText(words, 120, random),
    placeholder: '',
    default: null,
  };
}

/** As server versions follow each other: `5.12.0`, and after a dozen the next major. */
function serverVersion(threshold: number): string {
  return `${5 + Math.floor(threshold / 12)}.${threshold % 12}.0`;
}

type Version = [major: number, minor: number, patch: number];

function nextVersion([major, minor, patch]: Version, random: Random): Version {
  if (random.chance(0.1)) return [major + 1, 0, 0];
  return random.chance(0.5) ? [major, minor + 1, 0] : [major, minor, patch + 1];
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
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Text that does not compress, of a multiple of four characters. */
function base64(length: number, random: Random): string {
  let text = '';
  for (let at = 0; at < Math.ceil(length / 4) * 4; at++) text += BASE64.charAt(random.below(64));
  return text;
}
