import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { runInNode } from '../../../test/engines/edge-function.ts';
import { evaluatedAnswer } from '../../../test/evaluated-answer.ts';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog, randomQuery } from '../../../test/samples/random-catalog.ts';
import { PLAIN_SITE } from '../../../test/sites/plain-site.ts';
import { ask, readReleases } from '../../../test/sites/planned-site.ts';
import type { Release } from '../../catalog/release.ts';
import { EVERYTHING, ROWS } from '../../query/audience/space.ts';
import { type CatalogIndex, type IndexedRelease, indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { lowerCase } from '../../query/lower-case.ts';
import { renderAnswer } from '../../query/render.ts';
import { locate } from '../../router/locate.ts';
import { fileOf } from '../../router/name.ts';
import { type Filter, parseFilter } from '../../router/request/parse-filter.ts';
import { readBuildSettings } from '../../settings/read-settings.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import { ID_PLACEHOLDER } from '../../snapshot/snapshot-id.ts';
import { writeSite } from '../write-site.ts';
import { textsOf } from './answer-space.ts';
import { partsOf } from './parts.ts';
import { type PlanOptions, planSite, type SitePlan } from './plan-site.ts';
import type { Published } from './published.ts';

/** Five plugins in fifteen releases: enough for each part to cost files, and for pages to cut lists and plugins. */
const releases = readReleases(
  ['alpha', 'beta', 'gamma', 'delta', 'epsilon'].flatMap((id, i) =>
    ['1.0.0', '1.1.0', '1.2.0'].map((version, j) => ({
      platforms: {
        'linux-amd64': { download_url: `https://example.com/${id}${j}`, signature: 'c2ln' },
      },
      manifest: {
        id,
        version,
        name: `The ${id} plugin`,
        description: i < 3 ? 'talks to Jira' : 'shows a board',
        min_server_version: j === 0 ? '' : `${6 + (i % 2)}.0.0`,
      },
    })),
  ),
);

const GENEROUS: Omit<PlanOptions, 'releases'> = {
  pageSizes: [2, 3, 100],
  search: true,
  everyPageSize: true,
  allLists: true,
  compress: 'off',
  hosts: ['cloudfront', 'nginx'],
  maxFiles: 1e6,
  maxBytes: 1e12,
  routerBytes: 1e6,
};

const plan = (settings: Partial<PlanOptions> = {}) =>
  planSite({ ...GENEROUS, releases, ...settings });

const everything = await plan();

/** The limit up to and with the part at a position. */
const limitUpTo = (unit: 'files' | 'bytes', position: number) =>
  everything.parts.slice(0, position + 1).reduce((sum, part) => sum + part[unit], 0);

const namesOf = ({ parts }: SitePlan, isPublished: boolean) =>
  parts.filter((part) => part.isPublished === isPublished).map(({ name }) => name);

const tell = ({ warnings }: SitePlan) => warnings.map(({ message }) => message);

/** Checks that the answers are those of the parts that are published: all of each, and no others. */
function assertWholeParts(
  { space, table, answers, parts, published: whole }: SitePlan,
  message: string,
) {
  const expected = new Set<string>();
  const all = partsOf(space, GENEROUS);
  for (const { name, isPublished } of parts) {
    if (!isPublished) continue;
    const part = all.find((part) => part.name === name);
    for (const { filter, releases, isForDefault } of part?.classes(whole) ?? []) {
      const name = locate(table, filter);
      assert.ok('folder' in name, `invariant 1: refused is ${JSON.stringify(filter)}`);
      const platforms = isForDefault ? [] : space.platforms;
      for (const platform of releases.length > 0 ? ['', ...platforms] : []) {
        expected.add(`${table.root}api/${fileOf(table, name, platform)}.json`);
      }
    }
  }
  const actual = answers.answers.map(({ path }) => path);
  assert.deepEqual(actual.sort(), [...expected].sort(), message);
  const published = parts.filter(({ isPublished }) => isPublished);
  const sum = (unit: 'files' | 'bytes') => published.reduce((sum, part) => sum + part[unit], 0);
  assert.equal(answers.size.files, sum('files'), message);
  assert.equal(answers.size.bytes, sum('bytes'), message);
  assert.equal(
    answers.size.bytes,
    answers.answers.reduce((sum, { size }) => sum + size, 0),
    message,
  );
}

describe('Where the budget is large enough', () => {
  test('every part is published, in the order of docs/design.md, without a warning', () => {
    assert.deepEqual(
      everything.parts.map(({ tier, name, setting }) => [tier, name, setting]),
      [
        [1, 'lists of newest versions, plugins, ids as filters, whole and in pages of 100', ''],
        [2, 'text search, newest versions, whole and in pages of 100', '--search off'],
        [3, 'lists of newest versions in pages of 2, 3', '--page-sizes 100'],
        [3, 'all versions of a plugin in pages of 2, 3', '--page-sizes 100'],
        [3, 'search results in pages of 2, 3', '--page-sizes 100'],
        [3, 'lists of newest versions in pages of every size', '--every-page-size off'],
        [
          4,
          'all versions of all plugins for each server version, whole and in pages',
          '--all-lists off',
        ],
      ],
    );
    assert.ok(everything.parts.every(({ isPublished }) => isPublished));
    assert.ok(
      everything.parts.every(({ files }) => files > 0),
      'the catalog of this test is too small',
    );
    assert.deepEqual(everything.warnings, []);
    assert.deepEqual(everything.published, {
      search: true,
      allLists: true,
      pageSizes: { newest: 'every', all: [2, 3, 100], search: [2, 3, 100] },
    });
    assertWholeParts(everything, 'everything');
  });
});

describe('A part is published whole or not at all', () => {
  everything.parts.forEach(({ name, tier }, position) => {
    for (const unit of ['files', 'bytes'] as const) {
      const setting = unit === 'files' ? 'maxFiles' : 'maxBytes';

      test(`${name}: whole where its ${unit} are just within the budget`, async () => {
        const planned = await plan({ [setting]: limitUpTo(unit, position) });
        const published = namesOf(planned, true);
        const upTo = everything.parts.slice(0, position + 1).map((part) => part.name);
        assert.deepEqual(published, upTo);
        assertWholeParts(planned, name);
        assert.equal(planned.warnings.length, everything.parts.length - upTo.length);
      });

      test(`${name}: ${tier === 1 ? 'published all the same' : 'left out'} where the budget is one ${unit.slice(0, -1)} short`, async () => {
        const planned = await plan({ [setting]: limitUpTo(unit, position) - 1 });
        assert.equal(planned.parts[position]?.isPublished, tier === 1, 'invariant 2');
        assertWholeParts(planned, name);
        assert.deepEqual(
          tell(planned).map((message) => message.split(': left out')[0]),
          namesOf(planned, false),
          'each part that is left out is a warning',
        );
      });
    }
  });

  test('lists and plugins are published whatever the budget, and what costs nothing', async () => {
    const planned = await plan({ maxFiles: 1, maxBytes: 1 });
    const none = { files: 0, bytes: 0, isPublished: true };
    const [first, ...others] = planned.parts;
    assert.deepEqual(first, everything.parts[0], 'invariant 2');
    assert.ok(others.every(({ isPublished }) => !isPublished));
    const single = await plan({ maxFiles: 1, maxBytes: 1, releases: releases.slice(0, 1) });
    assert.deepEqual(namesOf(single, false), [], 'a list of one plugin has no other pages');
    for (const part of single.parts.slice(1)) assert.deepEqual({ ...part, ...none }, part);
    assert.deepEqual(single.warnings, []);
  });
});

/** The plan for what `--plan` would be given. */
async function planWithFlags(flags: readonly string[]): Promise<SitePlan> {
  const values = flags.flatMap((flag, i) => (i % 2 === 0 ? [[flag.slice(2), flags[i + 1]]] : []));
  return await plan(await readBuildSettings(Object.fromEntries(values), {}, import.meta.dirname));
}

const flagsFor = (settings: Partial<PlanOptions>) => [
  ...['--page-sizes', '2,3', '--router-bytes', '1000000'],
  ...['--max-files', `${settings.maxFiles ?? GENEROUS.maxFiles}`],
  ...['--max-bytes', `${settings.maxBytes ?? GENEROUS.maxBytes}`],
];

describe('The warning of a part that is left out', () => {
  const budgets = everything.parts
    .slice(1)
    .flatMap((_, i) => [
      { maxFiles: limitUpTo('files', i + 1) - 1 },
      { maxBytes: limitUpTo('bytes', i + 1) - 1 },
      { maxFiles: limitUpTo('files', i), maxBytes: limitUpTo('bytes', i) },
      { maxFiles: limitUpTo('files', i + 1), maxBytes: limitUpTo('bytes', i + 1) - 1 },
    ]);
  for (const budget of budgets) {
    test(`names the budget, what keeps it and what leaves it out: ${JSON.stringify(budget)}`, async () => {
      const planned = await plan(budget);
      assert.ok(planned.warnings.length > 0);
      const { maxFiles, maxBytes } = { ...GENEROUS, ...budget };
      for (const { level, missing, message, remedy } of planned.warnings) {
        assert.equal(level, 'warning');
        const [name, reason] = message.split(': left out, ');
        const part = planned.parts.find((part) => part.name === name);
        assert.ok(part, message);
        assert.equal(missing, part.setting.slice(2).split(' ')[0]);
        const isTooMuch = reason !== 'builds on what is left out';
        const { search, pageSizes } = planned.published;
        const hasBase = search && pageSizes.all.length > 1;
        assert.equal(isTooMuch, !name?.startsWith('search results') || hasBase, message);
        if (!isTooMuch) {
          assert.equal(remedy, `${part.setting} leaves it out without a word`);
          continue;
        }
        assert.equal(
          reason,
          `does not fit in the budget of ${maxFiles} files and ${maxBytes} bytes`,
        );
        assert.equal(
          remedy,
          `raise --max-files and --max-bytes, or give --everything, to keep it; ${part.setting} leaves it out without a word`,
        );
      }
      const raised = ['--max-files', '1000000', '--max-bytes', '1000000000000'];
      assert.deepEqual((await planWithFlags([...flagsFor(budget), ...raised])).warnings, []);
    });
  }

  for (const { name, setting } of everything.parts.slice(1)) {
    test(`names a setting that leaves it out without a word: ${setting} for ${name}`, async () => {
      const budget = { maxFiles: limitUpTo('files', 0) };
      assert.ok(tell(await plan(budget)).some((message) => message.startsWith(name)));
      const left = await planWithFlags([...flagsFor(budget), ...setting.split(' ')]);
      assert.ok(!namesOf(left, true).includes(name));
      assert.ok(!tell(left).some((message) => message.startsWith(name)));
    });
  }
});

// BuildSettings, the parts that they leave out: all without a word.
const offs: [Partial<PlanOptions>, RegExp][] = [
  [{ search: false }, /search/],
  [{ everyPageSize: false }, /every size/],
  [{ allLists: false }, /for each server version/],
  [{ pageSizes: [100] }, /2, 3/],
  [{ search: false, everyPageSize: false, pageSizes: [100] }, /search|every size|2, 3/],
];

for (const [settings, expected] of offs) {
  test(`${JSON.stringify(settings)} leaves out ${expected} without a warning`, async () => {
    const planned = await plan(settings);
    const published = namesOf(planned, true);
    assert.deepEqual(
      published,
      namesOf(everything, true).filter((name) => !expected.test(name)),
    );
    assert.deepEqual(planned.warnings, []);
    assert.equal(planned.published.search, settings.search ?? true);
    assert.equal(planned.published.allLists, settings.allLists ?? true);
    assertWholeParts(planned, JSON.stringify(settings));
    const { pageSizes = GENEROUS.pageSizes, everyPageSize = true } = settings;
    assert.deepEqual(planned.published.pageSizes, {
      newest: everyPageSize ? 'every' : pageSizes,
      all: pageSizes,
      search: planned.published.search ? pageSizes : [100],
    });
  });
}

describe('A limit to the CloudFront Function', () => {
  const sizeOf = ({ cloudFront }: SitePlan) => Buffer.byteLength(cloudFront?.code ?? '');
  const searches = ({ published, cloudFront }: SitePlan) => [
    published.search,
    cloudFront?.published.search,
  ];

  test('that search does not fit in leaves it out there alone, and the warning names one that it fits in', async () => {
    const limit = sizeOf(await plan({ search: false }));
    const planned = await plan({ routerBytes: limit });
    assert.deepEqual(searches(planned), [true, false]);
    assert.ok(sizeOf(planned) <= limit, 'invariant 8');
    assert.deepEqual(namesOf(planned, true), namesOf(everything, true));
    assertWholeParts(planned, 'of the other hosts');
    assert.equal(planned.warnings.length, 1);
    const { message = '', remedy = '' } = planned.warnings[0] ?? {};
    const [, size = '', more] =
      /^text search: CloudFront refuses it, .* the function has (\d+) bytes, (\d+) more than/.exec(
        message,
      ) ?? [];
    assert.equal(Number(size) - Number(more), limit, message);
    assert.match(remedy, /--search off leaves it out for all hosts, without a word/);
    const kept = await plan({ routerBytes: Number(size) });
    assert.deepEqual([searches(kept), kept.warnings], [[true, true], []]);
    assert.ok(sizeOf(kept) <= Number(size), 'invariant 8');
    // Whatever lies between is kept too: search is left out rather than the build refused.
    for (const routerBytes of [limit + 1, Number(size) - 40, Number(size) - 8, Number(size) - 1]) {
      const between = await plan({ routerBytes });
      assert.deepEqual(searches(between), [true, false], `at ${routerBytes} bytes`);
      assert.ok(sizeOf(between) <= routerBytes, 'invariant 8');
    }
    const off = await plan({ routerBytes: limit, search: false });
    assert.deepEqual(off.warnings, []);
  });

  test('that nothing fits in is refused with the size and what to do', async () => {
    await assert.rejects(plan({ routerBytes: 100 }), (error: Error) => {
      assert.equal(error.name, 'UserError');
      const [, size, more] =
        /^the CloudFront Function has (\d+) bytes even with its plugins in a store, (\d+) more than the 100 allowed\n {2}.*drop old releases from the catalog; .*leave it out of --hosts$/.exec(
          error.message,
        ) ?? [];
      assert.equal(Number(size) - Number(more), 100, error.message);
      return true;
    });
  });

  test('is none where CloudFront is not among the hosts', async () => {
    const planned = await plan({ routerBytes: 100, hosts: ['nginx'] });
    assert.equal(planned.cloudFront, undefined);
    assert.deepEqual(planned.warnings, []);
    assert.deepEqual(planned.published, everything.published);
    assert.deepEqual(planned.table, everything.table);
  });
});

describe('What snapshot.json says is published is what the router answers', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-plan-'));
  after(() => rmSync(folder, { recursive: true }));

  /** Writes what is planned, and checks that it is what was planned. */
  async function write(planned: SitePlan, message: string) {
    const out = path.join(folder, 'dist');
    await writeSite(planned, {
      ...PLAIN_SITE,
      ...{ out, compress: 'off', hosts: GENEROUS.hosts, buildTag: '', buildHash: '' },
    });
    const read = (file: string) => readFileSync(path.join(out, file), 'utf8');
    const snapshot: Snapshot = JSON.parse(read('snapshot.json'));
    const { id, published, files } = snapshot;
    const answers = files.filter(({ path }) => path.startsWith(`snapshots/${id}/api/plugins/`));
    const parts = published.parts.filter(({ isPublished }) => isPublished);
    const sumOf = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);
    assert.deepEqual(published.parts, planned.parts, message);
    assert.equal(answers.length, sumOf(parts.map(({ files }) => files)), message);
    assert.equal(sumOf(answers.map(({ size }) => size)), sumOf(parts.map(({ bytes }) => bytes)));
    return {
      published,
      code: read('edge/cloudfront-function.js'),
      contents: new Map(files.map((file) => [`/${file.path}`, () => read(file.path)])),
    };
  }

  /** What is planned as if it were written. */
  function imagine({ answers, space, published, cloudFront }: SitePlan) {
    const { pieces, forms } = space.rendered;
    const contents = new Map<string, () => string>(
      answers.answers.map(({ path, releases, form }) => {
        const parts = releases.map(({ position }) => `${pieces[forms[position]?.[form] ?? -1]}`);
        return [path, () => renderAnswer(parts)];
      }),
    );
    contents.set(`/snapshots/${ID_PLACEHOLDER}/api/empty.json`, () => renderAnswer([]));
    return { published, code: cloudFront?.code ?? '', contents };
  }

  /** Asks the router at random, and checks each answer and each refusal. */
  function assertConsistent(
    { published, code, contents }: ReturnType<typeof imagine>,
    releases: readonly Release[],
    random: Random,
    message: string,
  ) {
    const index = indexCatalog(releases);
    const queries = Array.from({ length: 700 }, () => randomRequest(random, releases));
    const requests = queries.map(ask);
    runInNode(code, requests).forEach((answer, i) => {
      const query = `?${queries[i]} (${message})`;
      const filter = parseFilter(queries[i] as string);
      const reason = 'error' in filter ? 'invalid' : refusalOf(index, filter, published);
      if ('statusCode' in answer) {
        assert.equal(answer.statusCode, 400, query);
        assert.notEqual(reason, '', `invariant 1: refused is ${query}: ${answer.body}`);
        return;
      }
      assert.ok(reason === '' || reason === 'maybe', `answered is ${query}, against ${reason}`);
      const content = contents.get(answer.path);
      assert.ok(content, `there is no ${answer.path} for ${query}`);
      const body = evaluatedAnswer(index, queries[i] as string);
      assert.equal(content(), body, `invariants 1 and 3: ${query}`);
    });
  }

  for (const seed of seeds(3)) {
    test(`whatever the budget (SEED=${seed})`, async () => {
      const random = seededRandom(seed);
      let releases = randomCatalog(random);
      while (releases.length < 12) releases = randomCatalog(random);
      const options = { ...GENEROUS, releases };
      const whole = await planSite(options);
      assertConsistent(await write(whole, `SEED=${seed}`), releases, random, `SEED=${seed}`);
      const settings: Partial<PlanOptions>[] = [
        { maxFiles: 1 },
        { search: false, everyPageSize: false, allLists: false, pageSizes: [100] },
        { allLists: false },
      ];
      let maxFiles = -1;
      for (const { files } of whole.parts) {
        maxFiles += files;
        if (files > 0) settings.push({ maxFiles });
      }
      for (const some of settings) {
        const message = `SEED=${seed}, ${JSON.stringify(some)}`;
        const planned = await planSite({ ...options, ...some });
        assertConsistent(imagine(planned), releases, random, message);
        if (some.maxFiles === 1) await write(planned, message);
      }
    });
  }

  test('where a search finds more than a page of 100, too', async () => {
    const releases = readReleases(
      Array.from({ length: 105 }, (_, i) => ({
        manifest: {
          id: `p${i}`,
          version: '1.0.0',
          name: 'plugin',
          description: i < 3 ? '' : 'xyz',
        },
      })),
    );
    for (const pageSizes of [[100], [10, 100]]) {
      const options = { ...GENEROUS, everyPageSize: false, pageSizes, releases };
      const { published, cloudFront, answers } = await planSite(options);
      assert.equal(published.search, true);
      const paths = new Set(answers.answers.map(({ path }) => path));
      const queries = ['plugin', 'xyz', 'p7'].flatMap((text) =>
        [0, 1].map((page) => `filter=${encodeURIComponent(text)}&page=${page}`),
      );
      const requests = queries.map(ask);
      runInNode(cloudFront?.code ?? '', requests).forEach((answer, i) => {
        assert.ok('path' in answer, `refused is ?${queries[i]}`);
        const isEmpty = answer.path.endsWith('/api/empty.json');
        assert.ok(isEmpty || paths.has(answer.path), `there is no ${answer.path}`);
      });
    }
  });
});

/** Why a request must be refused; empty where it must be answered, `maybe` where both will do. */
function refusalOf(index: CatalogIndex, filter: Filter, published: Published): string {
  const { text, allVersions, perPage } = filter;
  if (isListOfAll(filter) && !published.allLists && !isWholeView(index, filter)) return 'lists';
  if (text !== '' && !published.search && !isIdOf(index, filter)) return 'search';
  const whole = evaluate(index, { ...filter, page: 0, perPage: -1 }) ?? [];
  const answer = evaluate(index, filter);
  if (answer === null) return 'page';
  const { newest, all, search } = published.pageSizes;
  const sizes = text !== '' ? search : allVersions ? all : newest;
  const isCut = answer.length > 0 && answer.length < whole.length;
  if (isCut && sizes !== 'every' && !sizes.includes(perPage)) return 'size';
  return isSetOfPlugins(index, filter, whole) ? 'maybe' : '';
}

const isListOfAll = ({ allVersions, text, pluginId }: Filter) =>
  allVersions && text === '' && pluginId === '';

/** Whether it asks for the whole catalog, as marketplaces that are laid over it do. */
function isWholeView(index: CatalogIndex, filter: Filter): boolean {
  const { enterprise, serverVersion, platform, page, perPage } = filter;
  const longest = Math.max(
    ...ROWS.map(
      (row) => evaluate(index, { ...EVERYTHING, ...row, allVersions: true })?.length ?? 0,
    ),
  );
  const isWhole = perPage < 0 || (page === 0 && perPage >= longest);
  return isWhole && enterprise && serverVersion === '' && platform === '';
}

/** Whether the text is the id of a plugin in question. */
function isIdOf(index: CatalogIndex, { text, pluginId }: Filter): boolean {
  const lowerText = lowerCase(text);
  return index.some(
    ({ id, lowerId }) => lowerId === lowerText && (pluginId === '' || id === pluginId),
  );
}

/** Whether the answer is about all versions of some plugins that a text finds, or of a part of them: these may be refused. */
function isSetOfPlugins(index: CatalogIndex, filter: Filter, whole: IndexedRelease[]): boolean {
  if (!filter.allVersions || filter.text === '') return false;
  const plugins = new Set(whole.map(({ id }) => id));
  const unfiltered = evaluate(index, { ...filter, text: '', page: 0, perPage: -1 }) ?? [];
  return plugins.size > 1 || unfiltered.some((r) => plugins.has(r.id) && !whole.includes(r));
}

test('a router that finds other plugins by a text than the evaluator is a bug that stops the build', async () => {
  const { answers, space, table } = await plan({});
  const texts = textsOf(space);
  assert.ok(texts.length > 3);
  answers.checkTexts(table, texts);
  const without = {
    ...table,
    texts: `${table.texts.slice(0, 2)}${table.texts.slice(2).replace(/[a-z]/g, '\ue100')}`,
  };
  assert.throws(() => answers.checkTexts(without, texts), /elsewhere than it lies/);
});

/** A query as in other tests, and more often with a text to search for and with a page size. */
function randomRequest(random: Random, releases: readonly Release[]): string {
  const query = randomQuery(random, releases);
  const texts = releases.flatMap(({ manifest: { id, name, description } }) => [
    id,
    name ?? '',
    description ?? '',
  ]);
  const parameters: string[] = [];
  if (random.chance(0.5)) {
    const characters = [...random.pick(texts)];
    const at = random.below(characters.length + 1);
    const text = characters.slice(at, at + 1 + random.below(6)).join('');
    const filter = random.chance(0.2) ? text.toUpperCase() : text;
    parameters.push(`filter=${encodeURIComponent(filter)}`);
  }
  if (random.chance(0.6)) parameters.push(`per_page=${1 + random.below(5)}`);
  if (random.chance(0.6)) parameters.push(`page=${random.below(3)}`);
  return [...parameters, query].join('&');
}
