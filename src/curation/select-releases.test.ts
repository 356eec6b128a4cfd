import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { type Selection, selectReleases } from './select-releases.ts';

const entry = (id: string, version: string, min_server_version: string, more: object = {}) => ({
  ...more,
  manifest: { id, name: id, version, min_server_version },
});

const { releases, problems } = parseCatalog(
  JSON.stringify([
    entry('a', '4.0.0', '10.0.0'),
    entry('a', '3.0.0', '9.0.0', { hosting: 'cloud' }),
    entry('a', '2.5.0', '9.0.0', { hosting: 'on-prem' }),
    entry('a', '2.0.0', '9.0.0', { enterprise: true }),
    entry('a', '1.0.0', '8.0.0'),
    entry('b', '1.0.0', '9.0.0', { hosting: 'on-prem', enterprise: true }),
  ]),
  'test.json',
);

test('the catalog is one', () => assert.deepEqual(problems, []));

// The selection, the result: the newest for each edition and hosting, in catalog order.
const cases: readonly (readonly [Partial<Selection>, readonly string[]])[] = [
  [{}, ['a 4.0.0', 'a 3.0.0', 'a 2.5.0', 'a 2.0.0', 'a 1.0.0', 'b 1.0.0']],
  [{ newest: 1 }, ['a 4.0.0', 'b 1.0.0']],
  [{ newest: 1, serverVersions: ['9.9.0'] }, ['a 3.0.0', 'a 2.5.0', 'b 1.0.0']],
  [
    { newest: 2, serverVersions: ['9.9.0'] },
    ['a 3.0.0', 'a 2.5.0', 'a 2.0.0', 'a 1.0.0', 'b 1.0.0'],
  ],
  [{ newest: 1, serverVersions: ['8.0.0', '10.0.0'] }, ['a 4.0.0', 'a 1.0.0', 'b 1.0.0']],
  [{ serverVersions: ['7.9.9'] }, []],
  [{ plugins: ['b'] }, ['b 1.0.0']],
  [{ plugins: ['b'], serverVersions: ['8.0.0'] }, []],
];

for (const [selection, expected] of cases) {
  test(`${JSON.stringify(selection)} selects ${expected.join(', ') || 'nothing'}`, () => {
    const everything = { plugins: [], serverVersions: [], newest: Number.POSITIVE_INFINITY };
    assert.deepEqual(
      selectReleases(releases, { ...everything, ...selection }).map(
        ({ manifest }) => `${manifest.id} ${manifest.version}`,
      ),
      expected,
    );
  });
}
