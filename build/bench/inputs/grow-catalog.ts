import { compare, inc, prerelease } from 'semver';
import { groupBy } from '../../../src/catalog/located-release.ts';
import type { Entry } from '../../../src/catalog/schema.ts';
import { type Random, seededRandom } from '../../../test/random.ts';
import { noise } from './synthetic-catalog.ts';

/** What a catalog gains in a year. Fractions add up over the years. */
export interface YearlyGrowth {
  /** The releases that follow the first one of a plugin. */
  readonly releasesPerPlugin: number;
  readonly newPlugins: number;
  /** New values of `min_server_version`. */
  readonly serverVersions: number;
}

export interface GrowthOptions extends YearlyGrowth {
  readonly years: number;
  readonly seed: number;
}

/** Four releases of each plugin a year: 255 releases of 42 plugins become 1,935 of 42 in ten years. */
export const FOUR_RELEASES: YearlyGrowth = {
  releasesPerPlugin: 4,
  newPlugins: 0,
  serverVersions: 5,
};

const YEAR_MS = 365.25 * 24 * 3600 * 1000;

/** Mattermost releases every month, and begins a new major version once a year. */
const MINORS_A_YEAR = 12;

/** Several catalogs as one. Of a release that several have, the last one counts. */
export function unionOf(catalogs: readonly (readonly Entry[])[]): Entry[] {
  const entries = catalogs.flat();
  const byRelease = entries.map(
    (entry) => [`${entry.manifest.id} ${entry.manifest.version}`, entry] as const,
  );
  return [...new Map(byRelease).values()];
}

/**
 * How a catalog has grown so far, from the dates of its releases (`updated_at`): its plugins and its different
 * `min_server_version`s by its years, and its releases by the years since the first one of their plugin. A catalog of less
 * than a year counts as one of a year. What was removed is not known, so the true rates are higher.
 */
export function historyOf(entries: readonly Entry[]): YearlyGrowth {
  const plugins = [...groupBy(entries, ({ manifest }) => manifest.id).values()];
  const first = Math.min(...entries.flatMap(dateOf));
  const last = lastDateOf(entries);
  const years = Math.max(1, (last - first) / YEAR_MS);
  const pluginYears = plugins.map((releases) => {
    return Math.max(0, last - Math.min(...releases.flatMap(dateOf), last)) / YEAR_MS;
  });
  const minimums = new Set(entries.flatMap(({ manifest }) => manifest.min_server_version || []));
  return {
    releasesPerPlugin: (entries.length - plugins.length) / Math.max(1, sum(pluginYears)),
    newPlugins: plugins.length / years,
    serverVersions: minimums.size / years,
  };
}

/**
 * Lets a catalog grow by years. The same options give the same entries.
 *
 * A new release is the newest one of its plugin with another version, date and addresses, and signatures of the same length.
 * Each allows only servers of its year: higher versions than any release before the year allows, and higher than the release
 * before it, where a year has as many server versions as the plugin has releases. So every release stays the newest for some
 * server, and answers are as many as they can be. A new plugin is like one of the catalog, but with other words and another
 * icon. Nothing is ever removed.
 *
 * @param base entries with a `min_server_version` and at least one date
 * @returns the base and, after it, what is new, year by year
 */
export function growCatalog(base: readonly Entry[], options: GrowthOptions): Entry[] {
  const random = seededRandom(options.seed);
  const words = { name: wordsOf(base, 'name'), description: wordsOf(base, 'description') };
  const newestOfAll = [...groupBy(base, ({ manifest }) => manifest.id).values()].map(newestOf);
  const toPlugin = (newest: Entry) => ({ newest, phase: random.below(1000) / 1000 });
  const plugins = newestOfAll.map(toPlugin);
  const grown = [...base];
  for (let year = 1; year <= options.years; year++) {
    const servers = serverVersionsOf(year, base, options);
    for (const plugin of plugins) {
      const count = countIn(year, options.releasesPerPlugin, plugin.phase);
      for (let at = 0; at < count; at++) {
        // The phase says where in the year the releases of a plugin lie.
        const server = Math.floor(((at + plugin.phase) * servers.length) / count);
        plugin.newest = nextRelease(plugin.newest, servers[server] as Server, random);
        grown.push(plugin.newest);
      }
    }
    for (let at = countIn(year, options.newPlugins, 0); at > 0; at--) {
      const model = newPlugin(random.pick(newestOfAll), plugins.length, words, random);
      const first = nextRelease(model, random.pick(servers), random);
      plugins.push(toPlugin(first));
      grown.push(first);
    }
  }
  return grown;
}

/** A server version, and when releases that need it appear. */
interface Server {
  readonly version: string;
  readonly date: string;
}

/** The server versions of a year: a major version of their own, with minor ones spread over it. At least one. */
function serverVersionsOf(
  year: number,
  base: readonly Entry[],
  { serverVersions }: GrowthOptions,
): Server[] {
  const majors = base.map(({ manifest }) =>
    Number.parseInt(manifest.min_server_version || '0', 10),
  );
  const major = Math.max(...majors) + year;
  const count = Math.max(1, countIn(year, serverVersions, 0));
  const minors = Math.max(MINORS_A_YEAR, count);
  const started = lastDateOf(base) + (year - 1) * YEAR_MS;
  return Array.from({ length: count }, (_, at) => ({
    version: `${major}.${Math.floor((at * minors) / count)}.0`,
    date: new Date(started + ((at + 1) * YEAR_MS) / count).toISOString(),
  }));
}

/** How many of so many a year fall into one year, so that fractions add up. */
function countIn(year: number, perYear: number, phase: number): number {
  const until = (years: number) => Math.floor(years * perYear + phase);
  return until(year) - until(year - 1);
}

function nextRelease(before: Entry, { version: minimum, date }: Server, random: Random): Entry {
  const version = inc(before.manifest.version, 'minor') as string;
  const next = copy(before, (key, text) => {
    if (key.endsWith('_url')) return text.replaceAll(before.manifest.version, version);
    return key === 'signature' ? noise(text.length, random) : text;
  });
  const manifest = { ...next.manifest, version, min_server_version: minimum };
  return { ...next, manifest, updated_at: date };
}

/** A plugin of version 0.9.0, before its first release. */
function newPlugin(
  model: Entry,
  number: number,
  words: { readonly name: readonly string[]; readonly description: readonly string[] },
  random: Random,
): Entry {
  const reword = (text: string, choices: readonly string[]) =>
    text.replace(/\S+/g, () => random.pick(choices));
  const id = `com.example.plugin-${number}`;
  const { version, name, description } = model.manifest;
  const entry = copy(model, (key, text) => {
    if (key.endsWith('_url')) return text.replaceAll(version, '0.9.0');
    return key === 'icon_data' ? redraw(text, random) : text;
  });
  return {
    ...entry,
    repo_name: id,
    manifest: {
      ...entry.manifest,
      id,
      version: '0.9.0',
      name: `${reword(name ?? '', words.name)} ${number}`.trim(),
      description: reword(description ?? '', words.description),
    },
  };
}

/** Another icon that is as long and compresses as well: an SVG with other coordinates. 0 and 1 may be flags of an arc. */
function redraw(icon: string, random: Random): string {
  const [prefix = '', data = ''] = icon.split(/(?<=;base64,)/);
  if (!prefix.startsWith('data:image/svg')) return prefix + noise(data.length, random);
  const svg = Buffer.from(data, 'base64').toString('latin1');
  const redrawn = svg.replace(/(?<=\s(d|points|[cr]?[xy]?\d?)=")[^"]*/g, (coordinates) =>
    coordinates.replace(/[2-9]/g, () => String(2 + random.below(8))),
  );
  return prefix + Buffer.from(redrawn, 'latin1').toString('base64');
}

/** A copy of an entry with other texts, of its manifest and bundles, too. */
function copy(entry: Entry, change: (key: string, text: string) => string): Entry {
  return JSON.parse(JSON.stringify(entry), (key, value) =>
    typeof value === 'string' ? change(key, value) : value,
  );
}

/** The release that comes last, not a pre-release if there is another. */
function newestOf(releases: readonly Entry[]): Entry {
  const finished = releases.filter(({ manifest }) => prerelease(manifest.version) === null);
  return (finished.length > 0 ? finished : releases).reduce((a, b) =>
    compare(a.manifest.version, b.manifest.version) < 0 ? b : a,
  );
}

function wordsOf(entries: readonly Entry[], field: 'name' | 'description'): string[] {
  return [...new Set(entries.flatMap(({ manifest }) => manifest[field]?.match(/\S+/g) ?? []))];
}

/** Milliseconds; none for a release without a date. */
function dateOf({ updated_at }: Entry): number[] {
  const date = Date.parse(updated_at ?? '');
  return date > 0 ? [date] : [];
}

function lastDateOf(entries: readonly Entry[]): number {
  return Math.max(...entries.flatMap(dateOf));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
