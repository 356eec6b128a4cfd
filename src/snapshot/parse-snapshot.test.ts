import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../errors.ts';
import { parseSnapshot } from './parse-snapshot.ts';

const deep = `${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`;
const list = '['.repeat(20_000) + ']'.repeat(20_000);
const wide = JSON.stringify(Array.from({ length: 100_000 }, () => 'x'.repeat(20)));

const DEEP = 'what nests too deeply';

// A manifest; the place that is told, and what is found there.
const LARGE: readonly (readonly [string, string, string])[] = [
  [`{"id":"0","files":[{"sha256":${deep}}]}`, 'files[0].sha256', DEEP],
  [`{"id":"0","files":[${list}]}`, 'files[0]', DEEP],
  [`{"id":${list},"files":[]}`, 'id', DEEP],
  [`{"id":"0","files":${deep}}`, 'files', DEEP],
  [`{"id":"0","files":[{"gzip":${wide}}]}`, 'files[0].gzip', wide.slice(0, 80)],
  [list, '', DEEP],
];

test('what is large where something small should be is not shown', () => {
  for (const [text, path, found] of LARGE) {
    assert.throws(
      () => parseSnapshot(text, 'snapshot.json'),
      (error: unknown) =>
        error instanceof UserError &&
        error.problems.some((problem) => problem.path === path && problem.found === found) &&
        error.message.length < 1000,
      path,
    );
  }
});
