import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOneOf, isOpen, textsToHash } from './access.ts';

const SALTS = ['0123456789abcdef', 'fedcba9876543210'];
const users = SALTS.map((salt, i) => salt + `${i}`.repeat(64)).join(' ');

// The header, what is hashed of it; nothing: nobody has sent it.
const headers: readonly (readonly [string, string])[] = [
  ['Basic YTpi', 'YTpi'],
  ['basic YTpi', 'YTpi'],
  ['BASIC   YTpi  ', 'YTpi'],
  ['Basic YTpiYw==', 'YTpiYw'],
  ['Basic YTpiYw', 'YTpiYw'],
  [`Basic ${'a'.repeat(1024)}`, 'a'.repeat(1024)],
  [`Basic ${'a'.repeat(1025)}`, ''],
  ['Basic YTpiYw===', ''],
  ['Basic YTpi YTpi', ''],
  ['Basic YTpi, Basic YTpi', ''],
  ['Basic YTp_', ''],
  ['Basic \xff\xfe', ''],
  ['Basic ', ''],
  ['Basic', ''],
  ['BasicYTpi', ''],
  ['Bearer YTpi', ''],
  [' Basic YTpi', ''],
  ['', ''],
];

for (const [header, expected] of headers) {
  test(`of the header ${JSON.stringify(header.slice(0, 40))} ${expected ? 'one hash a user is' : 'nothing is'} worked out`, () => {
    const texts = textsToHash(users, header);
    assert.deepEqual(texts, expected ? SALTS.map((salt) => salt + expected) : []);
  });
}

/** A hash that counts how often it is looked at. */
function countingHash(text: string) {
  const hash = {
    length: text.length,
    looks: 0,
    charCodeAt: (i: number) => {
      hash.looks++;
      return text.charCodeAt(i);
    },
  };
  return hash;
}

test('every character of every hash is compared, wherever they differ', () => {
  const right = ['0'.repeat(64), '1'.repeat(64)];
  const wrong = ['x'.repeat(64), `x${'0'.repeat(63)}`, `${'0'.repeat(63)}x`];
  for (const first of [...right, ...wrong]) {
    for (const second of [...right, ...wrong]) {
      const hashes = [first, second].map(countingHash);
      const isKnown = isOneOf(users, hashes as unknown as string[]);
      assert.equal(isKnown, first === right[0] || second === right[1]);
      assert.deepEqual(
        hashes.map(({ looks }) => looks),
        [64, 64],
      );
    }
  }
  assert.equal(isOneOf(users, []), false);
  assert.equal(isOneOf(users, ['0'.repeat(63), '1'.repeat(65)]), false, 'other lengths');
  assert.equal(isOneOf(users, ['1'.repeat(64), '0'.repeat(64)]), false, 'the hash of another salt');
});

test('only health is open', () => {
  for (const path of ['/api/v1/health', '//api/v1/health']) assert.ok(isOpen(path), path);
  for (const path of [
    ...['/', '/api/v1/plugins', '/api/v1/health/', '/api/v1/healthy', '/x/api/v1/health'],
    ...['/api/v1/health\n', '/API/v1/health', '/api/v1/health/../plugins', '/api/v1/health%20'],
  ]) {
    assert.ok(!isOpen(path), JSON.stringify(path));
  }
});
