import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../catalog/schema.ts';
import { insertEntry } from './insert-entry.ts';

const entry = (more: object = {}, version = '1.0.0'): Entry =>
  ({ manifest: { id: 'abc', version }, hosting: '', enterprise: false, ...more }) as Entry;

/** An entry as catalogs have it: without default values. */
const bare = (more: object = {}): Entry =>
  ({ manifest: { id: 'abc', version: '1.0.0' }, ...more }) as Entry;

const cloud = { hosting: 'cloud' };
const enterprise = { enterprise: true };

const onPrem = { hosting: 'on-prem' };
const cloudEnterprise = { ...cloud, ...enterprise };

// The old entries, the new one, the index of the one it replaces; undefined: ambiguous.
const cases: readonly (readonly [readonly Entry[], Entry, number | undefined])[] = [
  [[bare()], entry(cloud), 0],
  [[bare(cloud)], entry(cloud), 0],
  [[bare(cloud)], entry(), 0],
  [[bare(), bare(cloud)], entry(), 0],
  [[bare(), bare(cloud)], entry(cloud), 1],
  [[bare(cloud), bare(onPrem)], entry(onPrem), 1],
  [[bare(cloud), bare(onPrem)], entry(cloud), 0],
  [[bare(cloud), bare(onPrem)], entry(), undefined],
  [[bare(cloud), bare(enterprise)], entry(enterprise), 1],
  [[bare(), bare(enterprise)], entry(), 0],
  [[bare(), bare(enterprise)], entry(cloudEnterprise), undefined],
  [[bare(cloudEnterprise)], entry(cloud), 0],
  [[bare(cloudEnterprise), bare(cloud)], entry(cloud), 1],
  [[bare(cloudEnterprise), bare(cloud)], entry(cloudEnterprise), 0],
  [[bare(), bare()], entry(), undefined],
  [[bare(), entry()], entry(), undefined],
  [[bare(cloud), bare(), bare(cloud)], entry(cloud), undefined],
  [[bare(cloud), bare(), bare(cloud)], entry(), 1],
];

for (const [entries, added, expected] of cases) {
  test(`${JSON.stringify(added)} among ${JSON.stringify(entries)} replaces ${expected ?? 'none'}`, () => {
    const replace = () => insertEntry(entries, { ...added, note: 'new' }, true);
    assert.throws(() => insertEntry(entries, added, false), {
      name: 'UserError',
      message: /^abc@1\.0\.0 is in the catalog already: use --replace/,
    });
    if (expected === undefined) {
      const message = /in the catalog \d times, and it is not clear which one to replace/;
      assert.throws(replace, { name: 'UserError', message });
      return;
    }
    const notes = replace().map((one) => one['note']);
    assert.deepEqual(
      notes,
      entries.map((_, i) => (i === expected ? 'new' : undefined)),
    );
  });
}

// The hosting that the entry is for, that of the one to add: each is one more, replacing or not.
for (const [there, added] of [
  [cloud, onPrem],
  [onPrem, cloud],
] as const) {
  test(`${JSON.stringify(added)} is one more beside ${JSON.stringify(there)}`, () => {
    for (const isReplacing of [false, true]) {
      assert.equal(insertEntry([bare(there)], entry(added), isReplacing).length, 2);
    }
  });
}

test('a release that is there already is named with its hostings', () => {
  const message = /to overwrite the one for cloud and on-prem$/;
  assert.throws(() => insertEntry([bare(cloud), bare(onPrem)], entry(), false), { message });
  const every = /the one for every hosting$/;
  assert.throws(() => insertEntry([bare()], entry(cloud), false), { message: every });
});

test('another version is one more', () => {
  const entries = [bare()];
  const added = entry({}, '1.0.1');
  assert.deepEqual(insertEntry(entries, added, true), [...entries, added]);
});

test('what is not known of the one that is replaced is kept, whatever it is called', () => {
  const old = JSON.parse(
    '{"manifest":{"id":"abc","version":"1.0.0"},"labels":[],"__proto__":1,"toString":2,"constructor":3,"note":4}',
  );
  const [replaced] = insertEntry([old], entry({ note: 'new' }), true);
  assert.deepEqual(
    JSON.stringify(replaced),
    '{"manifest":{"id":"abc","version":"1.0.0"},"hosting":"","enterprise":false,"note":"new","labels":[],"__proto__":1,"toString":2,"constructor":3}',
  );
});
