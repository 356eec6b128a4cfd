import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import {
  compareWithRecorded,
  FIXTURE_CORPORA,
  REAL_CORPORA,
  type RecordedAnswer,
  readCorpus,
} from '../corpora.ts';
import { EDGES, type Edge, type EdgeAnswer } from '../engines/edges.ts';
import { builtForQueries } from '../sites/built-site.ts';

/** Pages of every size would add many files, but no new case. */
const SETTINGS = { everyPageSize: false };

const edges = Object.entries(EDGES)
  .filter(([name]) => name !== 'CloudFront' && name !== 'embedded server')
  .map(([, edge]) => edge);

describe('The recorded answers of the reference service', () => {
  const skip = edges.map((each) => each.skip).find(Boolean) ?? false;
  for (const { name, catalog, answers } of [...FIXTURE_CORPORA, ...REAL_CORPORA]) {
    test(`of ${name} are those of every edge that runs here`, {
      skip,
    }, async (t) => {
      const recorded = readCorpus(answers);
      const { releases } = parseCatalog(await readFile(catalog, 'utf8'), catalog);
      const queries = recorded.map(({ q }) => q);
      const site = await builtForQueries(releases, queries, SETTINGS);
      t.after(site.remove);
      const asked = edges.map(async ({ start }) => {
        const edge = await start(site.out);
        const wrong = await askInTurns(edge, recorded).finally(() => edge.stop());
        t.diagnostic(`${edge.name}: ${recorded.length} requests, ${wrong.length} failed`);
        assert.deepEqual(wrong, [], edge.name);
      });
      await Promise.all(asked);
    });
  }
});

/** The mismatches. Sends a hundred requests at a time, so that not all answers are in memory at once. */
async function askInTurns(edge: Edge, recorded: readonly RecordedAnswer[]): Promise<string[]> {
  const judged: string[] = [];
  for (let at = 0; at < recorded.length; at += 100) {
    const some = recorded.slice(at, at + 100);
    const answers = await edge.ask(
      some.map(({ q }) => ({ method: 'GET', target: `/api/v1/plugins?${q}`, headers: {} })),
    );
    judged.push(...some.map((expected, i) => judge(edge, expected, answers[i] as EdgeAnswer)));
  }
  return judged.filter((mismatch) => mismatch !== '');
}

/** The mismatch in words; empty where the answer is right. */
function judge(
  { isByRules = false }: Edge,
  expected: RecordedAnswer,
  { status, body }: EdgeAnswer,
): string {
  if (status !== 200) {
    const isRight =
      status === 400 && (isByRules || expected.status === 400 || expected.kind === 'unpublished');
    return isRight ? '' : `?${expected.q}: status ${status}, expected ${expected.status}`;
  }
  if (expected.status !== 200) return `?${expected.q}: answered, expected ${expected.status}`;
  const mismatch = compareWithRecorded(body, expected);
  return mismatch === '' ? '' : `?${expected.q}: ${mismatch}`;
}
