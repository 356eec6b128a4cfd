import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { FIXTURE_CORPORA, findRealCorpora, REAL_CORPORA } from './corpora.ts';
import { readCorpus } from './corpus.ts';
import { makeFolder } from './make-folder.ts';
import { THOROUGH } from './random.ts';

test('every corpus holds recorded answers, those of the project always', () => {
  assert.equal(FIXTURE_CORPORA.length, 8);
  assert.ok([0, THOROUGH ? 3 : 2].includes(REAL_CORPORA.length), 'all of the real ones or none');
  for (const { name, answers } of [...FIXTURE_CORPORA, ...REAL_CORPORA]) {
    assert.ok(readCorpus(answers).length >= 250, name);
  }
});

const NAMES = ['master-2021', 'production-2023-09', 'production-2024-10'];
const FILES = NAMES.flatMap((name) => [`catalogs/${name}.json`, `parity/${name}.jsonl`]);

// The files that are there, what is wished, how many are found; an error where that is undefined.
const cases: readonly (readonly [readonly string[], string | undefined, number | undefined])[] = [
  [FILES, undefined, 3],
  [FILES, 'optional', 3],
  [FILES, 'required', 3],
  [[], undefined, 0],
  [[], 'optional', 0],
  [[], 'required', undefined],
  ...FILES.flatMap((missing) => {
    const others = FILES.filter((file) => file !== missing);
    return [[others, 'optional', 0] as const, [others, 'required', undefined] as const];
  }),
];

for (const [files, wish, found] of cases) {
  test(`where ${files.length} files are there, ${files.at(0)} to ${files.at(-1)}, and REAL_CORPORA is ${wish}, ${found ?? 'an error'} is found`, async (t) => {
    const folder = await makeFolder(t);
    for (const file of files) {
      await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
      await writeFile(path.join(folder, file), '');
    }
    const find = () => findRealCorpora(folder, wish);
    if (found !== undefined) assert.equal(find().length, found);
    else
      assert.throws(
        find,
        /^Error: REAL_CORPORA is required, but there is no .*REAL_CORPORA=optional/,
      );
  });
}
