import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStoreKeys, readsStore } from './store-keys.ts';

const ID = '0123456789abcdef';
const LABEL = 'dist/edge/cloudfront-store.json';
const storeOf = (keys: unknown) => JSON.stringify({ format: 1, keys });

test('keys get the id of their snapshot, whatever they are called', () => {
  const text = '{"format": 1, "keys": {"jira": "0:12 5:13", "__proto__": "é", "!": ""}}';
  assert.deepEqual(
    [...parseStoreKeys(text, LABEL, ID)],
    [
      [`${ID}/jira`, '0:12 5:13'],
      [`${ID}/__proto__`, 'é'],
      [`${ID}/!`, ''],
    ],
  );
});

test('keys and values may be as long as CloudFront allows', () => {
  const key = 'k'.repeat(495);
  const [[stored] = ['']] = parseStoreKeys(storeOf({ [key]: 'é'.repeat(500) }), LABEL, ID);
  assert.equal(stored.length, 512);
});

// The text of a file, the error message.
const faults: readonly [string, RegExp][] = [
  ['', /cloudfront-store\.json.*is empty/s],
  ['{"format": 2, "keys": {}}', /format: 2 is not 1: another version wrote it/],
  ['{"format": 1, "keys": []}', /keys: .*is not an object/],
  ['{"format": 1, "keys": {"a": "1", "a": "2"}}', /keys\.a: appears twice/],
  [storeOf({ a: 1 }), /keys\.a: 1 is not a text of at most 1000 bytes/],
  [storeOf({ a: 'é'.repeat(501) }), /keys\.a: .* is not a text of at most 1000 bytes/],
  [storeOf({ 'a b': '' }), /is under a key that is not 1 to 495 characters of ASCII/],
  [storeOf({ é: '' }), /is under a key that is not/],
  [storeOf({ '': '' }), /is under a key that is not/],
  [storeOf({ ['k'.repeat(496)]: '' }), /is under a key that is not/],
];

for (const [text, expected] of faults) {
  test(`an error names what is wrong in ${text.slice(0, 50)}`, () => {
    assert.throws(() => parseStoreKeys(text, LABEL, ID), { name: 'UserError', message: expected });
  });
}

// The code of a function, whether it reads a store.
const codes: readonly [string, boolean][] = [
  ["import cf from 'cloudfront';\nfunction handler() {}", true],
  ['import cf from"cloudfront";function handler(){}', true],
  ['function handler() {}', false],
  // A text of the catalog.
  [`const t = "import cf from 'cloudfront';";function handler() {}`, false],
];

for (const [code, expected] of codes) {
  test(`${code.slice(0, 40)} ${expected ? 'reads a store' : 'reads none'}`, () => {
    assert.equal(readsStore(code), expected);
  });
}
