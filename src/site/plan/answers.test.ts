import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  compareWithRecorded,
  FIXTURE_CORPORA,
  REAL_CORPORA,
  readCorpus,
} from '../../../test/corpora.ts';
import {
  type EdgeResult,
  runInNjs,
  runInNode,
  skipWithoutNjs,
} from '../../../test/engines/edge-function.ts';
import { evaluatedAnswer } from '../../../test/evaluated-answer.ts';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog, randomQuery } from '../../../test/samples/random-catalog.ts';
import { ask, GENEROUS, plannedSite } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { toRequestTarget } from '../../hosts/embedded/connection/to-request-target.ts';
import { type CatalogIndex, type IndexedRelease, indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { type Filter, parseFilter, trim } from '../../router/request/parse-filter.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { makeRouter } from '../../snapshot/table/make-router.ts';

const PAGE_SIZES: readonly number[] = GENEROUS.pageSizes;

const readReleases = (file: string) => parseCatalog(readFileSync(file, 'utf8'), file).releases;

/**
 * Whether an answer may be refused: pages of other sizes of all versions and of search results, and searches of all versions
 * that find more or less than the whole of a plugin.
 */
function isRefusable(index: CatalogIndex, filter: Filter): boolean {
  const isSearch = trim(filter.text) !== '';
  const whole = evaluate(index, { ...filter, page: 0, perPage: -1 }) ?? [];
  const isCut =
    filter.perPage > 0 &&
    filter.page * filter.perPage < whole.length &&
    (filter.page > 0 || filter.perPage < whole.length);
  if (isCut && !PAGE_SIZES.includes(filter.perPage)) return filter.allVersions || isSearch;
  if (!filter.allVersions || !isSearch) return false;
  const unfiltered = evaluate(index, { ...filter, text: '', page: 0, perPage: -1 }) ?? [];
  return new Set(whole.map(({ id }) => id)).size > 1 || unfiltered.some(isPartlyIn(whole));
}

/** Whether a release is left out of an answer that has others of its plugin. */
const isPartlyIn = (answer: readonly IndexedRelease[]) => (release: IndexedRelease) =>
  !answer.includes(release) && answer.some(({ id }) => id === release.id);

/** Compares what the router made of a query with what the evaluator says. */
function check(
  index: CatalogIndex,
  query: string,
  routed: EdgeResult | undefined,
  read: (path: string) => string,
): 'answered' | 'refused' {
  assert.ok(routed, query);
  const filter = parseFilter(query) as Filter;
  const expected = evaluatedAnswer(index, query);
  if ('statusCode' in routed) {
    assert.equal(routed.statusCode, 400, `?${query}`);
    if (expected === null) return 'refused';
    assert.ok(isRefusable(index, filter), `invariant 2: ?${query} got ${routed.body}`);
    assert.match(routed.body, /is not published/, `?${query}`);
    return 'refused';
  }
  const body = read(routed.path);
  assert.equal(body, expected, `invariants 1 and 3: ?${query} lies in ${routed.path}`);
  assertNeverNewer(body, filter.serverVersion, query);
  return 'answered';
}

function assertNeverNewer(body: string, serverVersion: string, query: string) {
  const server = versionKey(serverVersion);
  if (server === null) return;
  for (const { manifest } of JSON.parse(body)) {
    const least = versionKey(manifest.min_server_version ?? '') ?? '';
    assert.ok(least <= server, `invariant 5: ?${query} got ${manifest.min_server_version}`);
  }
}

describe('Random catalogs and requests', () => {
  for (const seed of seeds(100)) {
    test(`get the evaluator's answer, byte for byte, or a refusal (SEED=${seed})`, async () => {
      const random = seededRandom(seed);
      const releases = randomCatalog(random);
      const index = indexCatalog(releases);
      const { code, read } = await plannedSite(releases);
      const queries = Array.from({ length: 300 }, () => randomQuery(random, releases));
      const routed = runInNode(code, queries.map(ask));
      queries.forEach((query, i) => {
        check(index, query, routed[i], read);
      });
    });
  }
});

describe('The recorded answers of the reference service', () => {
  for (const { name, catalog, answers } of [...FIXTURE_CORPORA, ...REAL_CORPORA]) {
    test(`of ${name} are ours, in Node and in njs`, { skip: skipWithoutNjs }, async () => {
      // The pages of every size of this one are 11,000 files more, and nothing new.
      const settings = { everyPageSize: name !== 'production-2023-09' };
      const site = await plannedSite(readReleases(catalog), settings);
      const { plan, code, read, filesPerContent } = site;
      const askOthers = makeRouter(plan.table);
      const recorded = readCorpus(answers);
      const requests = recorded.map(({ q }) => ask(q));
      const inNode = runInNode(code, requests);
      assert.deepEqual(runInNjs(code, requests), JSON.parse(JSON.stringify(inNode)), 'in njs');
      let exact = 0;
      recorded.forEach((expected, i) => {
        const there = askOthers('GET', toRequestTarget(`/api/v1/plugins?${expected.q}`));
        let routed = inNode[i];
        // CloudFront may have no room for search. Then the other hosts answer it.
        const isSearch =
          routed && 'body' in routed && /"filter is not published"/.test(routed.body);
        if (isSearch && !plan.cloudFront?.published.search && 'path' in there) routed = there;
        assert.equal('path' in there, routed && 'path' in routed, `other hosts: ?${expected.q}`);
        if (routed === undefined || 'statusCode' in routed) {
          const isRight = expected.status === 400 || expected.kind === 'unpublished';
          assert.ok(isRight, `refused ?${expected.q}`);
          return;
        }
        assert.equal(expected.status, 200, `answered ?${expected.q}`);
        assert.equal(compareWithRecorded(read(routed.path), expected), '', `?${expected.q}`);
        exact++;
      });
      assert.ok(exact > recorded.length / 2, `only ${exact} requests were answered`);
      assert.ok(Buffer.byteLength(code) <= 10_000, `invariant 8: ${Buffer.byteLength(code)} bytes`);
      assert.ok(filesPerContent <= 1.05, `invariant 4: ${filesPerContent} files a content`);
    });
  }
});

describe('Text search', () => {
  for (const { name, catalog } of FIXTURE_CORPORA) {
    const releases = readReleases(catalog);
    const index = indexCatalog(releases);

    test(`finds in ${name} what the evaluator finds, for every short sub-string`, async () => {
      const { code, read } = await plannedSite(releases);
      const random = seededRandom(1);
      const queries = subStrings(index, 6).map((text) => inSomeView(random, index, text));
      const routed = runInNode(code, queries.map(ask));
      const results = queries.map((query, i) => check(index, query, routed[i], read));
      assert.ok(results.every((result) => result === 'answered'));
    });

    test(`finds in ${name} what the evaluator finds, for random strings`, async () => {
      const { code, read } = await plannedSite(releases);
      const random = seededRandom(2);
      const texts = Array.from({ length: 10_000 }, () => randomText(random, index));
      const queries = texts.map((text) => inSomeView(random, index, text));
      const routed = runInNode(code, queries.map(ask));
      const results = queries.map((query, i) => check(index, query, routed[i], read));
      assert.ok(results.every((result) => result === 'answered'));
    });

    test(`finds in ${name} the same in njs`, { skip: skipWithoutNjs }, async () => {
      const { code } = await plannedSite(releases);
      const random = seededRandom(3);
      const texts = Array.from({ length: 1000 }, () => randomText(random, index));
      const requests = texts.map((text) => ask(inSomeView(random, index, text)));
      const inNode = JSON.parse(JSON.stringify(runInNode(code, requests)));
      assert.deepEqual(runInNjs(code, requests), inNode);
    });
  }
});

/** Every sub-string of a name or description, up to a length in code points, and each whole id. */
function subStrings(index: CatalogIndex, longest: number): string[] {
  const found = new Set(index.map(({ id }) => id));
  for (const { lowerName, lowerDescription } of index) {
    for (const text of [lowerName, lowerDescription]) {
      const characters = [...text];
      for (let start = 0; start < characters.length; start++) {
        for (let length = 1; length <= longest; length++) {
          found.add(characters.slice(start, start + length).join(''));
        }
      }
    }
  }
  return [...found];
}

const ALPHABET = [...'abeijort ÉéİıKßΣσς\t\u00a0\u0085\u3000\u{1f600}日%+&=;"\\<>#?/'];

/** Parts of the texts with changed case and blanks around them, and strings that are nowhere. */
function randomText(random: Random, index: CatalogIndex): string {
  const own = index.length > 0 ? random.pick(index) : undefined;
  const text = random.pick([own?.lowerName ?? '', own?.lowerDescription ?? '', own?.id ?? '']);
  const characters = [...text];
  const start = random.below(characters.length + 1);
  let part = characters.slice(start, start + random.below(9)).join('');
  if (random.chance(0.3)) part = part.toUpperCase();
  if (random.chance(0.2)) part += random.pick(ALPHABET);
  if (random.chance(0.2))
    part = Array.from({ length: 1 + random.below(4) }, () => random.pick(ALPHABET)).join('');
  if (random.chance(0.2)) part = ` \t${part}\u3000`;
  return part;
}

/** A search of newest versions by some server. */
function inSomeView(random: Random, index: CatalogIndex, text: string): string {
  const versions = [
    '',
    '5.0.0',
    '99.0.0',
    ...index.map(({ release }) => release.manifest.min_server_version ?? ''),
  ];
  const parameters = [
    `filter=${encodeURIComponent(text)}`,
    `server_version=${encodeURIComponent(random.pick(versions))}`,
    `enterprise_plugins=${random.chance(0.5)}`,
    `cloud=${random.chance(0.5)}`,
    `platform=${random.pick(['', 'linux-amd64', 'windows-amd64'])}`,
  ];
  return parameters.join('&');
}
