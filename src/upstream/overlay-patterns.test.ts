import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { overlay } from './overlay.ts';

// A pattern, ids that it means, ids that it does not mean.
const patterns: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['jira', ['jira'], ['jira2', 'ajira', 'JIRA', 'com.acme.jira', 'jira.acme']],
  ['com.acme.*', ['com.acme.', 'com.acme.hr'], ['xcom.acme.hr', 'com.acme', 'com-acme-hr']],
  ['*.hr', ['.hr', 'com.acme.hr'], ['com.acme.hrx', 'hr', 'com.acme.hr.x']],
  ['a*c', ['ac', 'abc', 'abbc', 'acc'], ['acx', 'xac', 'ab', 'c']],
  ['a?c', ['abc', 'a.c', 'a?c'], ['ac', 'abbc', 'abcx', 'xabc']],
  ['??', ['ab', '??'], ['a', 'abc']],
  // One character may be two halves in memory, or separate lines.
  ['a?c', ['a😀c', 'aüc', 'a\u2028c'], ['a😀😀c']],
  ['a*c', ['a😀c', 'a\u2028b\u2029c'], ['a\u2028c\u2028d']],
  ['*', ['a', 'a\u2028b', '😀'], []],
  ['a.c', ['a.c'], ['abc']],
  ['a+', ['a+'], ['a', 'aa']],
  ['[ab]', ['[ab]'], ['a', 'b']],
  ['(a|b)', ['(a|b)'], ['a', 'b']],
  ['a{2}', ['a{2}'], ['aa']],
  ['^a$', ['^a$'], ['a']],
  ['a\\d', ['a\\d'], ['a1', 'ad']],
];

for (const [pattern, meant, others] of patterns) {
  test(`the pattern ${JSON.stringify(pattern)} means the ids that it should, whole ones only`, () => {
    const ids = [...meant, ...others];
    const entries = ids.map((id) => ({ manifest: { id, name: id, version: '1.0.0' } }));
    const upstream = parseCatalog(JSON.stringify(entries), 'upstream.json').releases;
    const takenBy = (rules: Partial<Parameters<typeof overlay>[2]>) => {
      const all = { reserved: [], allow: ['*'], deny: [], ...rules };
      return overlay([], upstream, all).releases.map(({ manifest }) => manifest.id);
    };
    assert.deepEqual(takenBy({}), ids, 'the upstream has them all');
    const isMeant = (id: string) => meant.includes(id);
    assert.deepEqual(takenBy({ allow: [pattern] }), ids.filter(isMeant), 'allowed');
    const left = ids.filter((id) => !isMeant(id));
    assert.deepEqual(takenBy({ deny: [pattern] }), left, 'denied');
    assert.deepEqual(takenBy({ reserved: [pattern] }), left, 'reserved');
  });
}
