import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { compare, inc, prerelease } from 'semver';
import { type Corpus, REAL_CORPORA } from '../../test/corpora.ts';
import { type Random, seededRandom, seeds } from '../../test/random.ts';
import { randomCatalog } from '../../test/samples/random-catalog.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import type { Audience } from '../query/audience/audience.ts';
import { describeAudience } from '../query/audience/audience.ts';
import { EVERYTHING, ROWS, type Row } from '../query/audience/space.ts';
import { type CatalogIndex, type IndexedRelease, indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { renderRelease } from '../query/render.ts';
import type { FieldChange, PluginDiff } from './catalog-diff.ts';
import { diffCatalogs } from './diff-catalogs.ts';

const PLATFORMS = [
  '',
  'linux-amd64',
  'linux-arm64',
  'darwin-amd64',
  'windows-amd64',
  'freebsd-arm',
];

/** What a request says of who asks. */
interface Asker extends Row {
  readonly serverVersion: string;
  readonly platform: string;
}

const parse = (entries: readonly object[]): Release[] => {
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'test.json');
  assert.deepEqual(problems, []);
  return releases;
};

/** Every version that the catalogs name, versions just before and after each, the lowest and a far one, and none. */
function probeVersions(...catalogs: readonly (readonly Release[])[]): string[] {
  const named = catalogs.flat().map(({ manifest }) => manifest.min_server_version ?? '');
  const around = [...new Set([...named, '5.25.0'])].flatMap((version) =>
    version === '' ? [] : [version, inc(version, 'patch') ?? '', before(version)],
  );
  return [...new Set(['', '0.0.0-0', '99.0.0', ...around])];
}

const before = (version: string) => (prerelease(version) ? version : `${version.split('+')[0]}-a`);

function askers(versions: readonly string[], platforms: readonly string[]): Asker[] {
  return versions.flatMap((serverVersion) =>
    ROWS.flatMap((row) => platforms.map((platform) => ({ ...row, serverVersion, platform }))),
  );
}

/** Whether an audience in words means someone. */
function isMeant(words: string, { serverVersion, enterprise, cloud, platform }: Asker): boolean {
  const isVersionMeant = (part: string): boolean => {
    if (part === 'every server') return true;
    if (part === 'every server that tells its version') return serverVersion !== '';
    if (part === 'requests without a server version') return serverVersion === '';
    const match =
      /^servers (?:before (?<only>\S+)|(?<from>\S+) (?:and newer(?<telling> that tell their version)?|up to \(not including\) (?<until>\S+)))$/.exec(
        part,
      );
    assert.ok(match?.groups, `not the words for servers: ${part}`);
    const { only, from, until, telling } = match.groups;
    const end = only ?? until;
    if (serverVersion === '') return end === undefined && telling === undefined;
    return (
      (from === undefined || compare(serverVersion, from) >= 0) &&
      (end === undefined || compare(serverVersion, end) < 0)
    );
  };
  const [servers = '', ...others] = words.split(
    /, (?=team|enterprise|on-prem|cloud|every platform|[a-z]+-[a-z0-9]+)/,
  );
  if (!isVersionMeant(servers)) return false;
  const platforms: string[] = [];
  for (const part of others) {
    if (part === 'team' || part === 'enterprise') {
      if (enterprise !== (part === 'enterprise')) return false;
    } else if (part === 'on-prem' || part === 'cloud') {
      if (cloud !== (part === 'cloud')) return false;
    } else platforms.push(part);
  }
  const all = platforms.join(', ');
  if (all === '') return true;
  const names = all.replace(/^every platform but /, '').split(/, | and /);
  return names.includes(platform) !== all.startsWith('every platform but ');
}

/** Whether an audience, as JSON tells it, means someone. */
function isIn({ servers, unspecified, ...audience }: Audience, asker: Asker): boolean {
  const { serverVersion: version, platform } = asker;
  const isServer =
    version === ''
      ? unspecified
      : servers !== null &&
        (servers.from === null || compare(version, servers.from) >= 0) &&
        (servers.before === null || compare(version, servers.before) < 0);
  return (
    isServer &&
    audience.editions.includes(asker.enterprise ? 'enterprise' : 'team') &&
    audience.hostings.includes(asker.cloud ? 'cloud' : 'on-prem') &&
    ('only' in audience.platforms
      ? audience.platforms.only.includes(platform)
      : !audience.platforms.except.includes(platform))
  );
}

/** The one change that means someone. */
function changeFor<Change extends { readonly audiences: readonly Audience[] }>(
  changes: readonly Change[],
  asker: Asker,
): Change | undefined {
  const found = changes.flatMap((change) => {
    const audiences = change.audiences.filter((audience) => {
      const words = describeAudience(audience);
      const is = isIn(audience, asker);
      assert.equal(isMeant(words, asker), is, `"${words}" for ${JSON.stringify(asker)}`);
      return is;
    });
    return audiences.map(() => change);
  });
  assert.ok(found.length <= 1, `${found.length} audiences mean ${JSON.stringify(asker)}`);
  return found[0];
}

type Rendered = { readonly manifest: { readonly version: string } };

const rendered = new WeakMap<Release, Map<string, Rendered>>();

function renderOnce(release: Release, platform: string): Rendered {
  const forms = rendered.get(release) ?? new Map<string, Rendered>();
  rendered.set(release, forms);
  const form = forms.get(platform) ?? JSON.parse(renderRelease(release, platform));
  forms.set(platform, form);
  return form;
}

/** What one asker gets of each plugin: the newest, and all versions, the first of each. */
function answersFor(catalog: CatalogIndex, { platform, ...view }: Asker) {
  const ask = (allVersions: boolean) =>
    evaluate(catalog, { ...EVERYTHING, ...view, allVersions }) ?? [];
  const render = ({ release }: IndexedRelease) => renderOnce(release, platform);
  const all = new Map<string, Map<string, Rendered>>();
  for (const found of ask(true)) {
    const versions = all.get(found.id) ?? new Map();
    const version = found.release.manifest.version;
    if (!versions.has(version)) versions.set(version, render(found));
    all.set(found.id, versions);
  }
  return { newest: new Map(ask(false).map((found) => [found.id, render(found)])), all };
}

function applyFields(json: unknown, fields: readonly FieldChange[]): unknown {
  const root = { value: structuredClone(json) };
  for (const { path, ...change } of fields) {
    const steps = [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(
      ([, index, quoted, plain]) =>
        index ?? (quoted === undefined ? plain : JSON.parse(`"${quoted}"`)),
    );
    let at: Record<string, unknown> = root;
    let last = 'value';
    for (const step of steps) {
      at = at[last] as Record<string, unknown>;
      last = step;
    }
    assert.deepEqual(at[last], change.from, `${path} was that before`);
    if ('to' in change) at[last] = change.to;
    else delete at[last];
  }
  return root.value;
}

function checkNewest(
  plugin: PluginDiff | undefined,
  asker: Asker,
  from: Rendered | undefined,
  to: Rendered | undefined,
) {
  const change = changeFor(plugin?.newest ?? [], asker);
  const where = JSON.stringify(asker);
  if (isDeepStrictEqual(from, to)) {
    assert.equal(change, undefined, `nothing changes for ${where}`);
    return undefined;
  }
  assert.ok(
    change,
    `a change for ${where} is not told: ${from?.manifest.version} -> ${to?.manifest.version}`,
  );
  assert.equal(change.from, from?.manifest.version ?? null);
  assert.equal(change.to, to?.manifest.version ?? null);
  assert.equal(
    change.fields.length > 0,
    change.from === change.to,
    'fields are told where the version stays',
  );
  return change;
}

/** Old answers and the diff make the new answers. */
function checkByVersion(
  plugin: PluginDiff | undefined,
  asker: Asker,
  newest: { readonly from: string | null; readonly to: string | null } | undefined,
  old: ReadonlyMap<string, Rendered>,
  now: ReadonlyMap<string, Rendered>,
) {
  const told = new Map(old);
  const set = (version: string) => {
    const release = now.get(version);
    assert.ok(release, `${version} is told to be there for ${JSON.stringify(asker)}`);
    told.set(version, release);
  };
  const versions = [...new Set([...old.keys(), ...now.keys()])];
  const changes = new Map(
    versions.map((version) => {
      const ofVersion = plugin?.byVersion.filter((change) => change.versions.includes(version));
      return [version, changeFor(ofVersion ?? [], asker)?.change];
    }),
  );
  // What the change of the newest version says of others holds where nothing is said of these by themselves.
  if (newest?.to === null) told.clear();
  else if (newest) {
    const order = newest.from === null ? 1 : compare(newest.to, newest.from);
    const isRaised = order > 0 || newest.from === newest.to;
    if (isRaised && !changes.get(newest.to)) set(newest.to);
    if (order < 0 && !changes.get(newest.from ?? '')) told.delete(newest.from ?? '');
  }
  for (const version of versions) {
    const change = changes.get(version);
    if (change === 'removed') {
      assert.ok(told.delete(version), `${version} was there for ${JSON.stringify(asker)}`);
    } else if (change) {
      assert.equal(told.has(version), change === 'changed');
      assert.ok(
        !isDeepStrictEqual(told.get(version), now.get(version)),
        `${version} did not change`,
      );
      set(version);
    }
  }
  assert.deepEqual(
    new Map([...told].sort()),
    new Map([...now].sort()),
    `versions of ${plugin?.id} for ${JSON.stringify(asker)}`,
  );
}

function checkAgainstAnswers(
  old: readonly Release[],
  now: readonly Release[],
  platforms = PLATFORMS,
) {
  const diff = diffCatalogs(old, now);
  const plugins = new Map(diff.plugins.map((plugin) => [plugin.id, plugin]));
  const ids = new Set([...old, ...now].map(({ manifest }) => manifest.id));
  const [oldIndex, newIndex] = [indexCatalog(old), indexCatalog(now)];
  for (const asker of askers(probeVersions(old, now), platforms)) {
    const [before, after] = [answersFor(oldIndex, asker), answersFor(newIndex, asker)];
    for (const id of ids) {
      const plugin = plugins.get(id);
      const [from, to] = [before.newest.get(id), after.newest.get(id)];
      const newest = checkNewest(plugin, asker, from, to);
      // Fields are told of the catalog's form of a release, which is that of the default platform.
      if (newest && newest.from === newest.to && asker.platform === '') {
        assert.deepEqual(applyFields(from, newest.fields), to);
      }
      const none = new Map<string, Rendered>();
      checkByVersion(plugin, asker, newest, before.all.get(id) ?? none, after.all.get(id) ?? none);
    }
  }
  return diff;
}

/** A catalog that a person might make of another one: releases added, removed, changed and moved. */
function randomEdit(random: Random, releases: readonly Release[]): Release[] {
  const others = randomCatalog(random);
  const edited = releases.flatMap((release) => {
    if (random.chance(0.1)) return [];
    if (random.chance(0.1)) return [{ ...release, signature: 'c2ln' }];
    if (random.chance(0.1))
      return [{ ...release, manifest: { ...release.manifest, description: 'new' } }];
    if (random.chance(0.1)) return [{ ...release, platforms: {} }];
    if (random.chance(0.1)) return [release, release];
    return [release];
  });
  const added = others.slice(0, random.below(3));
  return random.chance(0.5) ? [...edited, ...added] : [...added, ...edited];
}

describe('the diff tells just the requests that are answered otherwise, and how', () => {
  for (const seed of seeds(30)) {
    test(`for an edit of a random catalog, seed ${seed}`, () => {
      const random = seededRandom(seed);
      const old = randomCatalog(random);
      checkAgainstAnswers(old, randomEdit(random, old));
    });
  }
  for (const seed of seeds(10)) {
    test(`for two random catalogs, seed ${seed}`, () => {
      const random = seededRandom(1000 + seed);
      checkAgainstAnswers(randomCatalog(random), randomCatalog(random));
    });
  }
  const read = ({ catalog }: Corpus) =>
    parseCatalog(readFileSync(catalog, 'utf8'), catalog).releases;
  const dates = REAL_CORPORA.filter(({ name }) => name.startsWith('production-'));
  for (const [index, corpus] of dates.slice(1).entries()) {
    const before = dates[index] as Corpus;
    test(`from ${before.name} to ${corpus.name}`, () => {
      const [old, now] = [read(before), read(corpus)];
      const start = performance.now();
      diffCatalogs(old, now);
      const ms = performance.now() - start;
      assert.ok(ms < 10_000, `it takes ${ms} ms`);
      checkAgainstAnswers(old, now, ['']);
    });
  }
});

const jira = (version: string, min: string, more: object = {}) => ({
  manifest: { id: 'jira', name: 'Jira', version, min_server_version: min },
  ...more,
});
const bundles = { 'linux-amd64': { download_url: 'https://example.com/l', signature: 'bA==' } };

// What it is, the old catalog, the new one, what is told of newest versions, of others.
const cases: readonly [
  string,
  readonly object[],
  readonly object[],
  readonly string[],
  readonly string[],
][] = [
  [
    'a new release is offered to servers that it allows',
    [jira('4.1.0', '7.8.0')],
    [jira('4.1.0', '7.8.0'), jira('4.2.0', '9.5.0')],
    ['4.1.0 -> 4.2.0: servers 9.5.0 and newer'],
    [],
  ],
  ['the first release of a plugin', [], [jira('1.0.0', '')], ['null -> 1.0.0: every server'], []],
  [
    'a plugin goes with all its versions',
    [jira('1.0.0', ''), jira('2.0.0', '9.0.0')],
    [],
    ['2.0.0 -> null: servers 9.0.0 and newer', '1.0.0 -> null: servers before 9.0.0'],
    [],
  ],
  [
    'an older release is added: no one is offered it who can have a newer one',
    [jira('2.0.0', '9.0.0')],
    [jira('2.0.0', '9.0.0'), jira('1.0.0', '8.0.0')],
    ['null -> 1.0.0: servers 8.0.0 up to (not including) 9.0.0'],
    ['added 1.0.0: servers 9.0.0 and newer'],
  ],
  [
    'a release is replaced: the old one is gone by version, too',
    [jira('1.0.0', '')],
    [jira('1.1.0', '')],
    ['1.0.0 -> 1.1.0: every server'],
    ['removed 1.0.0: every server'],
  ],
  [
    'a release is taken back',
    [jira('1.0.0', ''), jira('1.1.0', '')],
    [jira('1.0.0', '')],
    ['1.1.0 -> 1.0.0: every server'],
    [],
  ],
  [
    'an enterprise release: servers before 5.25.0 are offered it whatever they ask for',
    [],
    [jira('1.0.0', '5.10.0', { enterprise: true })],
    [
      'null -> 1.0.0: servers 5.25.0 and newer, enterprise; servers 5.10.0 up to (not including) 5.25.0',
    ],
    [],
  ],
  [
    'a release for the cloud',
    [jira('1.0.0', '')],
    [jira('1.0.0', ''), jira('1.1.0', '', { hosting: 'cloud' })],
    ['1.0.0 -> 1.1.0: every server, cloud'],
    [],
  ],
  [
    'the default bundle moves: whoever has a bundle of its own does not notice',
    [jira('1.0.0', '', { download_url: 'https://example.com/a', platforms: bundles })],
    [jira('1.0.0', '', { download_url: 'https://example.com/b', platforms: bundles })],
    ['1.0.0 -> 1.0.0 (download_url): every server, every platform but linux-amd64'],
    [],
  ],
  [
    'a bundle is signed anew: every answer shows the bundles of all platforms',
    [jira('1.0.0', '', { platforms: bundles })],
    [
      jira('1.0.0', '', {
        platforms: { 'linux-amd64': { ...bundles['linux-amd64'], signature: 'eA==' } },
      }),
    ],
    ['1.0.0 -> 1.0.0 (platforms.linux-amd64.signature): every server'],
    [],
  ],
  [
    'what changes of an older release is told by its version',
    [jira('1.0.0', ''), jira('2.0.0', '')],
    [jira('1.0.0', '', { author_type: 'partner' }), jira('2.0.0', '')],
    [],
    ['changed 1.0.0 (author_type, labels): every server'],
  ],
  [
    'entries change audiences, fields theirs: no one is answered otherwise',
    [jira('1.0.0', '', { hosting: 'cloud', enterprise: true }), jira('2.0.0', '9.0.0')],
    [jira('2.0.0', '9.0.0'), jira('1.0.0', '', { enterprise: true, hosting: 'cloud' })],
    [],
    [],
  ],
];

for (const [what, old, now, newest, byVersion] of cases) {
  test(what, () => {
    const { plugins } = checkAgainstAnswers(parse(old), parse(now));
    const words = (audiences: readonly Audience[]) => audiences.map(describeAudience).join('; ');
    const paths = (fields: readonly FieldChange[]) =>
      fields.length > 0 ? ` (${fields.map(({ path }) => path).join(', ')})` : '';
    const [plugin] = plugins;
    assert.deepEqual(
      plugin?.newest.map(
        ({ from, to, fields, audiences }) =>
          `${from} -> ${to}${paths(fields)}: ${words(audiences)}`,
      ) ?? [],
      newest,
    );
    assert.deepEqual(
      plugin?.byVersion.map(
        ({ change, versions, fields, audiences }) =>
          `${change} ${versions.join()}${paths(fields)}: ${words(audiences)}`,
      ) ?? [],
      byVersion,
    );
  });
}

test('one release is added to the shipped catalog, and the diff shows it and nothing else', () => {
  const file = path.join(import.meta.dirname, '../../plugins.json');
  const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);
  const [model] = releases.filter(({ manifest }) => manifest.id === 'jira').slice(-1);
  assert.ok(model, 'the catalog has Jira');
  const manifest = { ...model.manifest, version: '99.0.0', min_server_version: '98.0.0' };
  const diff = diffCatalogs(releases, [...releases, { ...model, manifest }]);
  assert.deepEqual(diff.added, [{ id: 'jira', version: '99.0.0' }]);
  assert.deepEqual(diff.removed, []);
  assert.deepEqual(
    diff.plugins.map(({ id, newest, byVersion }) => [id, newest.length, byVersion]),
    [['jira', 1, []]],
  );
  const audiences = diff.plugins[0]?.newest.flatMap((change) =>
    change.audiences.map(describeAudience),
  );
  assert.deepEqual(audiences, ['servers 98.0.0 and newer']);
});
