import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { REAL_CORPORA } from '../../../test/corpora.ts';
import { seededRandom, seeds } from '../../../test/random.ts';
import { readGzipMember } from '../../../test/samples/gzip-member.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import type { Answer } from '../plan/answers.ts';
import { planSite, type SitePlan } from '../plan/plan-site.ts';
import { joinPieces } from './answer-files.ts';
import { AnswerGzip } from './answer-gzip.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

const readReleases = (file: string) => parseCatalog(readFileSync(file, 'utf8'), file).releases;

const shipped = readReleases(path.join(ROOT, 'plugins.json'));

const plan = (releases: readonly Release[]) => planSite({ ...GENEROUS, releases });

/** How often a release comes after which other one, or first, each pair once. */
function countPairs({ answers, space }: SitePlan): number {
  const pairs = new Set<string>();
  for (const { releases, form } of answers.answers) {
    const pieces = releases.map(({ position }) => space.rendered.forms[position]?.[form]);
    for (const [i, piece] of pieces.entries()) pairs.add(`${pieces[i - 1]} ${piece}`);
  }
  return pairs.size;
}

/** Compresses answers and checks each; returns the bytes of all and, to compare, of `gzip -6`. */
function checkAnswers(gzip: AnswerGzip, answers: readonly Answer[], { space }: SitePlan) {
  let bytes = 0;
  let wholeBytes = 0;
  for (const answer of answers) {
    const content = joinPieces(answer, space.rendered);
    const { releases, form } = answer;
    const compressed = gzip.compress(releases, form);
    assert.equal(compressed.length, gzip.sizeOf(releases, form), 'as it is counted');
    assert.ok(readGzipMember(compressed).equals(content), `invariant 3: ${answer.path}`);
    bytes += compressed.length;
    wholeBytes += zlib.gzipSync(content, { level: 6 }).length;
  }
  return { bytes, wholeBytes };
}

test('every answer of the shipped catalog is a gzip member, and no release is compressed twice behind the same one', async () => {
  const planned = await plan(shipped);
  const gzip = new AnswerGzip(planned.space.rendered);
  const { answers } = planned.answers;
  const { bytes, wholeBytes } = checkAnswers(gzip, answers, planned);
  assert.equal(gzip.runs, countPairs(planned));
  assert.ok(gzip.runs < answers.length / 5, `${gzip.runs} runs for ${answers.length} answers`);
  assert.ok(bytes < 1.25 * wholeBytes, `${bytes} bytes, ${wholeBytes} by gzip -6`);
});

for (const seed of seeds(5)) {
  test(`every answer of a random catalog is a gzip member, each pair compressed once (SEED=${seed})`, async () => {
    const planned = await plan(randomCatalog(seededRandom(seed)));
    const gzip = new AnswerGzip(planned.space.rendered);
    checkAnswers(gzip, planned.answers.answers, planned);
    assert.equal(gzip.runs, countPairs(planned));
  });
}

for (const { name, catalog } of REAL_CORPORA) {
  test(`answers of ${name} are gzip members, at most 3 % larger than by gzip -6`, async () => {
    const planned = await planSite({
      ...GENEROUS,
      search: false,
      everyPageSize: false,
      pageSizes: [100],
      releases: readReleases(catalog),
    });
    const { answers } = planned.answers;
    const some = answers.filter((_, i) => i % Math.ceil(answers.length / 60) === 0);
    const gzip = new AnswerGzip(planned.space.rendered);
    const { bytes, wholeBytes } = checkAnswers(gzip, some, planned);
    assert.ok(bytes < 1.03 * wholeBytes, `${(bytes / wholeBytes).toFixed(3)} times`);
  });
}

test('with little memory some releases are compressed again, and the files are the same', async () => {
  const planned = await plan(shipped);
  const { answers } = planned.answers;
  const ample = new AnswerGzip(planned.space.rendered);
  const scant = new AnswerGzip(planned.space.rendered, 5000);
  for (const { path, releases, form } of answers) {
    assert.ok(scant.compress(releases, form).equals(ample.compress(releases, form)), path);
  }
  assert.ok(scant.runs > 2 * ample.runs, `${scant.runs} runs, ${ample.runs} with memory`);
});
