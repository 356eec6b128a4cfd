import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type BuiltSite, builtSite } from '../../../test/sites/built-site.ts';
import { UserError } from '../../lib/errors.ts';
import { compareCatalogs } from '../probe/check-loss.ts';
import { parseManifest } from './parse-manifest.ts';

let site: BuiltSite;
let built: string;

before(async () => {
  site = await builtSite([]);
  built = await readFile(path.join(site.out, 'snapshot.json'), 'utf8');
});
after(() => site.remove());

/** The manifest of a build with other versions, as they stand in the text. */
const withVersions = (text: string) =>
  built.replace(/"versions": \{\s*\}/, () => `"versions": ${text}`);

test('lists of versions are read, of a plugin __proto__ too', () => {
  const text = withVersions('{"__proto__":["1.0.0"],"constructor":["2.0.0"],"calls":[]}');
  const { catalog } = parseManifest(text, 'snapshot.json');
  assert.deepEqual(Object.keys(catalog.versions), ['__proto__', 'constructor', 'calls']);
  const none = parseManifest(built, 'snapshot.json').catalog;
  const { releasesAdded } = compareCatalogs(none, catalog);
  assert.deepEqual(releasesAdded, ['__proto__ 1.0.0', 'constructor 2.0.0']);
});

// What no build writes in the place of lists of versions; where in them the fault is.
const REFUSED: readonly (readonly [string, string])[] = [
  ['{"__proto__":9}', '.__proto__'],
  ['{"__proto__":{"x":1}}', '.__proto__'],
  ['{"__proto__":[1]}', '.__proto__'],
  ['{"a":["1.0.0"],"__proto__":null}', '.__proto__'],
  ['{"a":"1.0.0"}', '.a'],
  ['["1.0.0"]', ''],
  ['null', ''],
  [`{"a":["${'1'.repeat(1001)}"]}`, '.a'],
];

test('anything else is refused by its place', () => {
  for (const [text, place] of REFUSED) {
    assert.throws(
      () => parseManifest(withVersions(text), 'snapshot.json'),
      (error: unknown) =>
        error instanceof UserError && error.problems[0]?.path === `catalog.versions${place}`,
      text.slice(0, 60),
    );
  }
});
