import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../../lib/errors.ts';
import { fillDefaults } from '../fill-defaults.ts';
import { checkReleases } from './check-releases.ts';

type Row = [id: string, version: string, minServerVersion?: string | null, configuration?: unknown];

function catalogFile(file: string, rows: readonly Row[]) {
  const releases = rows.map(([id, version, min_server_version, required_configuration]) =>
    fillDefaults({
      manifest: {
        id,
        version,
        ...(min_server_version === undefined ? {} : { min_server_version }),
        ...(required_configuration === undefined ? {} : { required_configuration }),
      },
    }),
  );
  return { file, releases };
}

// [what the case shows, releases of a.json, releases of b.json, warnings]
const cases: [string, Row[], Row[], string[]][] = [
  ['nothing wrong', [['abc', '1.0.0', '5.0.0']], [['abc', '1.1.0', '5.0.0']], []],
  [
    'an empty file',
    [],
    [['abc', '1.0.0']],
    ['a.json: the catalog is empty — add a release, unless that is what you want'],
  ],
  [
    'a version repeated across files and by precedence',
    [
      ['abc', '1.0.0'],
      ['abc', '1.0.0-rc'],
    ],
    [
      ['abd', '1.0.0'],
      ['abc', '1.0.0+b'],
    ],
    [
      'b.json [1].manifest.version: "1.0.0+b" repeats the version of abc in a.json [0] — remove one of the two; where both fit a server, the later one is answered',
    ],
  ],
  [
    'a requirement that drops is reported once, where it drops',
    [
      ['abc', '1.0.0', '5.0.0'],
      ['abc', '1.3.0', '7.6.0'],
      ['abc', '1.2.0', '7.6.0'],
    ],
    [['abc', '1.1.0', '7.7.0']],
    [
      'a.json [2].manifest.min_server_version: "7.6.0" allows older servers than release 1.1.0 does, which needs 7.7.0 (b.json [0]) — check which of the two is right',
    ],
  ],
  [
    'servers and releases are compared as versions, prereleases too',
    [
      ['abc', '9.0.0', '9.0.0'],
      ['abc', '10.0.0', '10.0.0-rc1'],
      ['abc', '11.0.0', '10.0.0'],
    ],
    [],
    [],
  ],
  [
    'a later release that allows every server',
    [
      ['abc', '1.0.0', '5.0.0'],
      ['abc', '2.0.0'],
      ['abd', '1.0.0', '5.0.0'],
      ['abd', '2.0.0', null],
    ],
    [
      ['abe', '1.0.0', '5.0.0'],
      ['abe', '2.0.0', ''],
    ],
    [
      'a.json [1].manifest.min_server_version: allows older servers than release 1.0.0 does, which needs 5.0.0 (a.json [0]) — check which of the two is right',
      'a.json [3].manifest.min_server_version: null allows older servers than release 1.0.0 does, which needs 5.0.0 (a.json [2]) — check which of the two is right',
      'b.json [1].manifest.min_server_version: "" allows older servers than release 1.0.0 does, which needs 5.0.0 (b.json [0]) — check which of the two is right',
    ],
  ],
  [
    'ids that differ in case only, each spelling once',
    [
      ['abc', '1.0.0'],
      ['ABC', '1.0.0'],
      ['ABC', '1.1.0'],
    ],
    [['aBc', '1.0.0']],
    [
      'a.json [1].manifest.id: "ABC" differs only in case from "abc" in a.json [0] — write both alike if they are the same plugin: ids are case-sensitive',
      'b.json [0].manifest.id: "aBc" differs only in case from "abc" in a.json [0] — write both alike if they are the same plugin: ids are case-sensitive',
    ],
  ],
  [
    'ids that look alike',
    [
      ['com.acme.wiki', '1.0.0'],
      ['corn.acme.wiki', '1.0.0'],
      ['c0m.acrne.vviki', '1.0.0'],
      ['com.acme.w1kl', '1.0.0'],
      ['com.acme-wiki', '1.0.0'],
      ['com.acme.wik', '1.0.0'],
    ],
    [],
    [1, 2, 3].map(
      (i) =>
        `a.json [${i}].manifest.id: ${['', '"corn.acme.wiki"', '"c0m.acrne.vviki"', '"com.acme.w1kl"'][i]} looks like "com.acme.wiki" in a.json [0] — write both alike if they are the same plugin: find out whose they are if they are not`,
    ),
  ],
  [
    'a configuration that some servers decode, unless nothing is in it',
    [
      ['abc', '1.0.0', '', { ServiceSettings: { SiteURL: 7 } }],
      ['abd', '1.0.0', '', { ServiceSettings: {}, LogSettings: null }],
      ['abe', '1.0.0', '', {}],
      ['abf', '1.0.0', '', null],
      ['abg', '1.0.0', '9.0.0', { ServiceSettings: { SiteURL: 7 } }],
    ],
    [],
    [
      'a.json [0].manifest.required_configuration: {"ServiceSettings":{"SiteURL":7}} is decoded by servers 5.20 to 8.1 as part of their own configuration: one value of a wrong type in it empties their whole list — leave it out, or make sure that each value has the type of that setting',
    ],
  ],
  [
    'ids that a server refuses, each once',
    [
      ['ab', '1.0.0'],
      ['ab', '1.1.0'],
      ['a/b', '1.0.0'],
    ],
    [
      ['a.b', '1.0.0'],
      ['a_-', '1.0.0'],
      ['x'.repeat(190), '1.0.0'],
      ['é😀é', '1.0.0'],
    ],
    [
      'a.json [0].manifest.id: "ab" is an id that a Mattermost server refuses to install — use 3 to 190 of the characters a-z 0-9 _ . -',
      'a.json [2].manifest.id: "a/b" is an id that a Mattermost server refuses to install — use 3 to 190 of the characters a-z 0-9 _ . -',
      'b.json [3].manifest.id: "é😀é" is an id that a Mattermost server refuses to install — use 3 to 190 of the characters a-z 0-9 _ . -',
    ],
  ],
  [
    'names of object members are plain ids',
    [['constructor', '1.0.0']],
    [['__proto__', '1.0.0']],
    [],
  ],
];

test('what is allowed but rarely meant is warned about, across files', () => {
  for (const [name, a, b, expected] of cases) {
    const files = [catalogFile('a.json', a), ...(b.length > 0 ? [catalogFile('b.json', b)] : [])];
    const warnings = checkReleases(files);
    assert.deepEqual(warnings.map(formatProblem), expected, name);
    assert.ok(
      warnings.every(({ level, remedy }) => level === 'warning' && remedy),
      name,
    );
  }
});

/** The same 15 letters for every number below 2 ** 15, each time in other cases. */
function inCaseOf(number: number): string {
  const bits = number.toString(2).padStart(15, '0');
  return bits.replaceAll('0', 'x').replaceAll('1', 'X');
}

/** How often `checkReleases` reads the manifests of so many releases. */
function countReads(size: number, row: (index: number) => Row): number {
  let reads = 0;
  const { file, releases } = catalogFile(
    'a.json',
    Array.from({ length: size }, (_, i) => row(i)),
  );
  const counting = releases.map((release) => ({
    ...release,
    get manifest() {
      reads++;
      return release.manifest;
    },
  }));
  checkReleases([{ file, releases: counting }]);
  return reads;
}

// What is special about a catalog, its rows.
const shapes: readonly (readonly [string, (index: number) => Row])[] = [
  ['one plugin', (index) => ['abc', `1.${index}.0`, `5.${index % 100}.0`]],
  ['one version', () => ['abc', '1.0.0', '5.0.0']],
  ['many plugins', (index) => [`abc${index}`, '1.0.0', '5.0.0']],
  ['one id in many cases', (index) => [inCaseOf(index), '1.0.0', '5.0.0']],
];

for (const [what, row] of shapes) {
  test(`twice the releases are hardly more than twice the work: ${what}`, () => {
    // Comparing each with each would be four times the work.
    assert.ok(countReads(4_000, row) < 2.5 * countReads(2_000, row));
  });
}
