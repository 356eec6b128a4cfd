import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { type OverlayRules, overlay } from './overlay.ts';

const EVERYTHING: OverlayRules = { reserved: [], allow: ['*'], deny: [] };

// A pattern, ids that it means, ids that it does not mean; of these, those that may pass for one that it means.
const patterns: readonly (readonly [string, string[], string[], string[]?])[] = [
  ['jira', ['jira'], ['jira2', 'ajira', 'JIRA', 'com.acme.jira', 'jira.acme'], ['JIRA']],
  ['com.acme.*', ['com.acme.', 'com.acme.hr'], ['xcom.acme.hr', 'com.acme', 'com-acme-hr']],
  ['*.hr', ['.hr', 'com.acme.hr'], ['com.acme.hrx', 'hr', 'com.acme.hr.x']],
  ['a*c', ['ac', 'abc', 'abbc', 'acc'], ['acx', 'xac', 'ab', 'c']],
  ['a?c', ['abc', 'a.c', 'a?c'], ['ac', 'abbc', 'abcx', 'xabc']],
  ['??', ['ab', '??'], ['a', 'abc']],
  // One character may be two halves in memory, or separate lines.
  ['a?c', ['a😀c', 'aüc', 'a\u2028c'], ['a😀😀c'], ['a😀😀c']],
  ['a*c', ['a😀c', 'a\u2028b\u2029c'], ['a\u2028c\u2028d'], ['a\u2028c\u2028d']],
  ['*', ['a', 'a\u2028b', '😀'], []],
  ['a.c', ['a.c'], ['abc']],
  ['a+', ['a+'], ['a', 'aa']],
  ['[ab]', ['[ab]'], ['a', 'b']],
  ['(a|b)', ['(a|b)'], ['a', 'b']],
  ['a{2}', ['a{2}'], ['aa']],
  ['^a$', ['^a$'], ['a']],
  ['a\\d', ['a\\d'], ['a1', 'ad']],
];

for (const [pattern, meant, others, lookAlikes = []] of patterns) {
  test(`the pattern ${JSON.stringify(pattern)} means the ids that it should, whole ones only`, () => {
    const ids = [...meant, ...others];
    assert.deepEqual(takenBy(ids, {}), ids, 'the upstream has them all');
    const isMeant = (id: string) => meant.includes(id);
    assert.deepEqual(takenBy(ids, { allow: [pattern] }), ids.filter(isMeant), 'allowed');
    const left = ids.filter((id) => !isMeant(id));
    const inOtherCase = left.filter((id) => id !== 'JIRA');
    assert.deepEqual(takenBy(ids, { deny: [pattern] }), inOtherCase, 'denied');
    const safe = left.filter((id) => !lookAlikes.includes(id));
    assert.deepEqual(takenBy(ids, { reserved: [pattern] }), safe, 'reserved');
  });
}

// The reserved pattern, ids that look like it, ids that do not.
const reserved: readonly [string, string[], string[]][] = [
  [
    'com.acme.*',
    ['com.Acme.hr', 'COM.ACME.HR', 'corn.acme.hr', 'com.acrne.hr', 'c0m.acme.hr', 'C0rn.Acrne.'],
    ['com.acme', 'com.acne.hr', 'org.acme.hr', 'com-acme-hr'],
  ],
  ['com.acme.hr*', ['com.acme.hrx', 'corn.acme.hrnews', 'corn.acme.hrn'], ['com.acme.hn']],
  ['*news.acme', ['rnews.acme', 'comnevvs.acme', 'x.NEWS.acme'], ['x.new.acme']],
  ['com.acme.?', ['corn.acme.m', 'com.acme.rn', 'com.acme.vv'], ['com.acme.ab', 'com.acme.']],
  ['build.wiki', ['bui1d.wiki', 'bulld.wikl', 'bu\u0131ld.wiki', 'BUILD.VVIKI'], ['bild.wiki']],
  // Characters of other scripts, one of which lower-cases to our k, another to i; only invisible ones.
  ['com.acme.k', ['com.acme.\u212a', 'com.\u0430cme.k', 'com.acme\u200b.k'], ['com.acme.x']],
  ['com.acme.i', ['com.acme.\u0130', 'com.acme.I', 'com.acme.l', 'com.acme.1'], ['com.acme.j']],
];

for (const [pattern, lookAlikes, others] of reserved) {
  test(`nothing that may pass for the reserved ${pattern} comes from upstream`, () => {
    const rules = { ...EVERYTHING, reserved: [pattern] };
    const ids = [...lookAlikes, ...others];
    const { releases, warnings } = overlay([], catalogOf(ids), rules);
    assert.deepEqual(idsOf(releases), others);
    const reported = warnings.filter(({ message }) => /^(is reserved|may pass for)/.test(message));
    assert.deepEqual(
      reported.map(({ found }) => found),
      lookAlikes.map((id) => JSON.stringify(id)),
    );
  });
}

test('what is denied does not come in another case', () => {
  const ids = ['zoom', 'Zoom', 'ZOOM', '\u212aey', 'zooms'];
  assert.deepEqual(takenBy(ids, { deny: ['zoom', 'key'] }), ['zooms']);
});

// An upstream id, the id of ours that it resembles; null: none.
const near: readonly [string, string | null][] = [
  ['com.acmee.hr', 'com.acme.*'],
  ['com.ame.hr', 'com.acme.*'],
  ['com.acne.hr', 'com.acme.*'],
  ['com-acme.hr', 'com.acme.*'],
  ['playbook', 'playbooks'],
  ['PlayBooks', 'playbooks'],
  ['p1aybooks', 'playbooks'],
  ['playbooks2', 'playbooks'],
  ['playbooks', null],
  ['playbook2s3', null],
  ['com.acme', 'com.acme.*'],
  ['org.acme.hr', null],
  ['abcdeg', 'abcdef'],
  // Short ones are near by chance.
  ['abcdx', null],
  ['jita', null],
];

for (const [id, expected] of near) {
  test(`${id} upstream is ${expected === null ? 'near none of ours' : `reported to be near ${expected}`}`, () => {
    const rules = { ...EVERYTHING, reserved: ['com.acme.*'] };
    const { releases, warnings } = overlay(
      catalogOf(['playbooks', 'jira', 'abcdef', 'abcde']),
      catalogOf([id]),
      rules,
    );
    assert.ok(idsOf(releases).includes(id), 'it comes all the same');
    const reported = warnings.filter(({ message }) => /, and nearly /.test(message));
    assert.deepEqual(
      reported.map(({ message }) => /nearly "(.*)", which/.exec(message)?.[1]),
      expected === null ? [] : [expected],
    );
  });
}

// A pattern, and an id that it nearly means: trying all ways, as a regular expression does, would not end.
const slow: readonly [string, string][] = [
  ['*a*a*a*a*b', 'a'.repeat(190)],
  ['*'.repeat(500), 'a'.repeat(190)],
  [`${'*a'.repeat(90)}b`, 'a'.repeat(190)],
  [`${'*?'.repeat(90)}b`, 'm'.repeat(190)],
  [`com.${'*m*'.repeat(60)}.x`, `com.${'rn'.repeat(93)}`],
];

for (const [pattern, id] of slow) {
  test(`the pattern ${pattern.slice(0, 20)} is matched against a long id`, () => {
    const rules = { reserved: [pattern], allow: [pattern], deny: [pattern] };
    assert.ok(overlay([], catalogOf([id]), rules));
  });
}

function catalogOf(ids: readonly string[]): Release[] {
  const entries = ids.map((id) => ({ manifest: { id, name: id, version: '1.0.0' } }));
  return parseCatalog(JSON.stringify(entries), 'upstream.json').releases;
}

function idsOf(releases: readonly Release[]): string[] {
  return releases.map(({ manifest }) => manifest.id);
}

function takenBy(ids: readonly string[], rules: Partial<OverlayRules>): string[] {
  return idsOf(overlay([], catalogOf(ids), { ...EVERYTHING, ...rules }).releases);
}
