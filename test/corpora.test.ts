import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FIXTURE_CORPORA, findRealCorpora, REAL_CORPORA, readCorpus } from './corpora.ts';
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

test('the real corpora are found where all of them are there; where they are required, a missing one is an error', async (t) => {
  const folder = await makeFolder(t);
  const isRefused = /^Error: REAL_CORPORA is required, but there is no .*REAL_CORPORA=optional/;
  // Missing files.
  for (const missing of [[], FILES, ...FILES.map((file) => [file])]) {
    for (const name of ['catalogs', 'parity']) {
      rmSync(path.join(folder, name), { recursive: true, force: true });
      mkdirSync(path.join(folder, name));
    }
    const present = FILES.filter((file) => !missing.includes(file));
    for (const file of present) writeFileSync(path.join(folder, file), '');
    const count = missing.length === 0 ? 3 : 0;
    assert.equal(findRealCorpora(folder, undefined).length, count, `without ${missing}`);
    assert.equal(findRealCorpora(folder, 'optional').length, count, `without ${missing}`);
    const require = () => findRealCorpora(folder, 'required');
    if (count > 0) assert.equal(require().length, count);
    else assert.throws(require, isRefused, `without ${missing}`);
  }
});
