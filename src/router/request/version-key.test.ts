import assert from 'node:assert/strict';
import { test } from 'node:test';
import semver from 'semver';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { versionKey } from './version-key.ts';

const ORDER = 'docs/api.md, server_version: semver precedence';

const compareKeys = (a: string, b: string) => {
  const [keyA, keyB] = [versionKey(a), versionKey(b)];
  assert.ok(keyA !== null && keyB !== null, `${ORDER}: ${a} and ${b} are semantic versions`);
  return keyA < keyB ? -1 : Number(keyA > keyB);
};

// Rising; those joined by `=` are equal. The middle is the chain of semver.org, section 11.
const RISING: readonly (readonly string[])[] = [
  '0.0.0-0=0.0.0-0+b < 0.0.0-- < 0.0.0 < 0.0.9 < 0.0.10=0.0.10+9 < 0.9.100 < 0.10.0',
  '1.0.0-0 < 1.0.0-0.0 < 1.0.0-2 < 1.0.0-10 < 1.0.0-10.a < 1.0.0-- < 1.0.0-01a',
  '1.0.0-0a < 1.0.0-A < 1.0.0-Z < 1.0.0-a < 1.0.0-a.1 < 1.0.0-a- < 1.0.0-a0',
  '1.0.0-alpha < 1.0.0-alpha.1=1.0.0-alpha.1+-.- < 1.0.0-alpha.beta < 1.0.0-beta',
  '1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0-rc1 < 1.0.0-rc10 < 1.0.0-rc2',
  '1.0.0-zz < 1.0.0=1.0.0+0=1.0.0+rc-1.x=1.0.0+001 < 1.0.1-0 < 1.9.9 < 2.0.0 < 9.99.999',
  '10.0.0-x < 10.0.0 < 9007199254740991.9007199254740991.9007199254740991',
]
  .join(' < ')
  .split(' < ')
  .map((row) => row.split('='));

test('keys compare as versions do, over all pairs of a rising chain', () => {
  for (const [i, row] of RISING.entries()) {
    for (const a of row) {
      for (const [j, others] of RISING.entries()) {
        for (const b of others) {
          assert.equal(compareKeys(a, b), Math.sign(i - j), `${ORDER}: ${a} and ${b}`);
          assert.equal(semver.compare(a, b), Math.sign(i - j), `semver on ${a} and ${b}`);
        }
      }
    }
  }
});

test('keys compare as the semver package compares, over random pairs', () => {
  for (const seed of seeds(5)) {
    const random = seededRandom(seed);
    for (let i = 0; i < 1000; i++) {
      const a = randomVersion(random);
      const b = random.chance(0.7) ? changed(random, a) : randomVersion(random);
      const expected = semver.compare(a, b);
      assert.equal(compareKeys(a, b), expected, `${ORDER}: ${a} and ${b} (SEED=${seed})`);
    }
  }
});

function randomVersion(random: Random): string {
  const several = (choices: readonly string[], max: number) =>
    Array.from({ length: 1 + random.below(max) }, () => random.pick(choices)).join('.');
  const number = () =>
    String(random.below(10 ** random.pick([1, 1, 2, 3, 9])) * random.pick([1, 1, 1e6]));
  const core = [number(), number(), number()].join('.');
  const identifiers = ['0', '1', '2', '10', '11', '99', 'a', 'A', 'rc', 'rc1', '-', '1-', 'a-b'];
  const prerelease = random.chance(0.6) ? `-${several(identifiers, 4)}` : '';
  return core + prerelease + (random.chance(0.3) ? `+${several(['001', 'x', '-'], 2)}` : '');
}

/** Another version near one: what differs lies late, where a wrong order hides. */
function changed(random: Random, version: string): string {
  const [core = ''] = version.split(/[-+]/);
  const [precedence = ''] = version.split('+');
  const near = [
    core,
    `${core}-0`,
    `${precedence}+other`,
    precedence === core ? `${core}-rc` : `${precedence}.0`,
    precedence === core ? `${core}--` : `${precedence}-`,
    precedence === core ? `${core}0` : `${precedence}a`,
  ];
  const other = random.pick(near);
  return semver.valid(other) ? other : core;
}

test('numbers beyond those of JavaScript compare exactly, up to 64 bits', () => {
  // [lower, higher]
  const pairs: [string, string][] = [
    ['1.0.9007199254740992', '1.0.9007199254740993'],
    ['9999999999999999999.0.0', '10000000000000000000.0.0'],
    ['1.18446744073709551614.0', '1.18446744073709551615.0'],
    ['1.0.0-9007199254740992', '1.0.0-9007199254740993'],
    ['1.0.0-18446744073709551615', '1.0.0-0a'],
  ];
  for (const [lower, higher] of pairs) {
    assert.equal(compareKeys(lower, higher), -1, `${ORDER}: ${lower} < ${higher}`);
  }
});

const NO_VERSIONS: readonly string[] = [
  ...['', '1', '1.2', '1.2.', '.1.2', '1..2', '1.2.3.', '1.2.3.4', 'v1.2.3', 'V1.2.3', '=1.2.3'],
  ...[' 1.2.3', '1.2.3 ', '1. 2.3', '1.2.3\n', '1.2.3\r\n', '\n1.2.3', '1.2.3-rc1\n'],
  ...['1.2.3+b\n', '1.2.3\u00a0', '1.2.3\0', '01.2.3', '1.02.3', '1.2.03', '00.0.0', '-1.2.3'],
  ...['+1.2.3', '1.2.x', '1.2.*', '1.2.3a', '1.2.3-', '1.2.3+', '1.2.3-+b', '1.2.3-.a'],
  ...['1.2.3-a.', '1.2.3-a..b', '1.2.3-01', '1.2.3-00', '1.2.3-a.01', '1.2.3-a_b', '1.2.3-a b'],
  ...['1.2.3-ä', '1.2.3+a+b', '1.2.3+.a', '1.2.3+a.', '1.2.3+a..b', '1.2.3+a_b', '1.2.３'],
  ...['١.2.3', '1,2,3', '0x1.2.3', '1e3.0.0', '18446744073709551616.0.0'],
  ...['1.99999999999999999999.0', '1.2.100000000000000000000', '1.2.3-18446744073709551616'],
  ...['1.2.3-a.100000000000000000000'],
];

test('what is no strict semantic version of 64-bit numbers has no key', () => {
  for (const text of NO_VERSIONS) {
    assert.equal(versionKey(text), null, `docs/api.md, semantic versions: ${JSON.stringify(text)}`);
  }
});

test('only numbers are bound to 64 bits', () => {
  for (const version of ['1.2.3-a18446744073709551616', '1.2.3+18446744073709551616']) {
    assert.notEqual(versionKey(version), null, `docs/api.md, semantic versions: ${version}`);
  }
});

test('texts of any length are read', () => {
  // [text, whether it is a version]
  const texts: [string, boolean][] = [
    [`1.0.0-${'0'.repeat(200_000)}`, false],
    [`1.0.0-${'0'.repeat(200_000)}a`, true],
    [`1.0.0-${'a.'.repeat(50_000)}`, false],
    [`1.0.0-${'a.'.repeat(50_000)}b`, true],
    [`1.0.0-${'0.'.repeat(50_000)}01`, false],
    [`1.0.0+${'-'.repeat(200_000)}_`, false],
    // Lengths at which 16 bits overflow.
    ...[65_470, 65_472, 65_493, 65_536, 131_072].map((length): [string, boolean] => [
      `1.0.${'1'.repeat(length)}`,
      false,
    ]),
  ];
  for (const [text, expected] of texts) {
    const what = `${text.slice(0, 9)}… of ${text.length} characters`;
    assert.equal(versionKey(text) !== null, expected, `docs/api.md, semantic versions: ${what}`);
  }
});
