import assert from 'node:assert/strict';
import { test } from 'node:test';
import semver from 'semver';
import { partOf, type Random, seededRandom } from '../../../test/random.ts';
import { versionKey } from '../../router/request/version-key.ts';
import {
  atLeast,
  ESCAPED_PLUS,
  minorSteps,
  RELEASE,
  stepPatterns,
  validVersion,
} from './semver-patterns.ts';

const PAIRS = 100_000;

const SEED = Number(process.env['SEED'] ?? Math.floor(Date.now() / 1000));

const PARTS = [
  ...['0', '1', '9', '10', '19', '99', '100', '2147483648', '9007199254740991'],
  ...['9007199254740992', '9999999999999999999', '10000000000000000000'],
];
const WORDS = ['rc1', 'RC1', 'rc', 'rc10', '-', '--', 'a', 'Z', '0a', '1-', '9a', '10a', 'x9', 'A'];
const ODD = ['01', '', ' ', 'é', 'a_b', '+', '%', '99999999999999999999'];

const number = (random: Random) =>
  random.chance(0.5) ? `${random.below(12)}` : random.pick(PARTS);

function identifier(random: Random): string {
  if (random.chance(0.4)) return number(random);
  const letters = Array.from({ length: 1 + random.below(4) }, () =>
    random.pick([...'-019AZaz', 'rc']),
  ).join('');
  // Digits alone would have to be without zeros in front.
  return random.chance(0.5) ? random.pick(WORDS) : `${letters}${random.pick(['a', '-', 'Z'])}`;
}

const identifiers = (random: Random) =>
  Array.from({ length: 1 + random.below(3) }, () => identifier(random)).join('.');

function version(random: Random): string {
  const core = [number(random), number(random), number(random)].join('.');
  return core + (random.chance(0.5) ? `-${identifiers(random)}` : '');
}

/** Another version, mostly one that differs little. */
function neighbour(random: Random, from: string): string {
  if (random.chance(0.3)) return version(random);
  const parts = from.split(/(?=[.-])/);
  const at = random.below(parts.length);
  const part = parts[at] as string;
  const separator = at === 0 ? '' : part.slice(0, 1);
  const edits = [part, `${part}.${identifier(random)}`, separator + number(random), ''];
  if (at > 2) edits.push(`${part}${random.pick([...'-0aZ'])}`, separator + identifier(random));
  parts[at] = random.pick(edits);
  return parts.join('') + (random.chance(0.1) ? `-${identifiers(random)}` : '');
}

/** Whether it has a number of more than 19 digits, before its build metadata. */
const isHuge = (text: string) =>
  (text.split('+')[0] as string)
    .replace('-', '.')
    .split('.')
    .some((each) => /^[0-9]{20,}$/.test(each));

test(`a pattern matches what is not below its version, by the semver package (SEED=${SEED})`, () => {
  const random = seededRandom(SEED);
  const valid = new RegExp(`^${validVersion()}$`);
  const escaped = new RegExp(`^${validVersion(ESCAPED_PLUS)}$`);
  let [compared, least, invalid, builds, bySemver] = [0, 0, 0, 0, 0];
  const wrong: string[] = [];
  while (compared < partOf(PAIRS)) {
    const bound = version(random);
    if (isHuge(bound)) continue;
    const pattern = new RegExp(atLeast(bound));
    const escapedPattern = new RegExp(atLeast(bound, ESCAPED_PLUS));
    for (let i = 0; i < 20; i++) {
      const build = random.chance(0.3) ? `+${random.pick(['0', '01', 'a.b', '-', '1.-.0'])}` : '';
      const asked = neighbour(random, bound) + build;
      const key = isHuge(asked) ? null : versionKey(asked);
      const isValid = key !== null;
      const isKnown = semver.parse(asked) !== null;
      if (isKnown !== isValid && !/[0-9]{16}/.test(asked)) wrong.push(`${asked}: semver`);
      const raw = asked.replace('+', random.pick(['%2B', '%2b']));
      if (valid.test(asked) !== isValid || escaped.test(raw) !== isValid) wrong.push(asked);
      compared++;
      if (!isValid) {
        invalid++;
        continue;
      }
      // Of numbers above 2^53, only the router knows.
      const isLeast =
        isKnown && semver.parse(bound) !== null
          ? semver.gte(asked, bound)
          : key >= (versionKey(bound) as string);
      if (pattern.test(asked) !== isLeast || escapedPattern.test(raw) !== isLeast)
        wrong.push(`${asked} >= ${bound}`);
      bySemver += Number(isKnown && semver.parse(bound) !== null);
      least += Number(isLeast);
      builds += Number(build !== '');
    }
  }
  assert.deepEqual(wrong, []);
  for (const [name, count] of Object.entries({ least, invalid, builds, bySemver })) {
    assert.ok(count > compared / 50 && count < compared * 0.9, `${count} ${name} of ${compared}`);
  }
});

test('what is no version is none, and neither is a number of 20 digits', () => {
  const valid = new RegExp(`^${validVersion()}$`);
  const invalid = [
    ...['', '1', '1.0', '1.0.', '1.0.0.0', 'v1.0.0', ' 1.0.0', '1.0.0 ', '1.0.0\n', '01.0.0'],
    ...['1.00.0', '1.0.0-', '1.0.0-01', '1.0.0-a..b', '1.0.0-a.', '1.0.0+', '1.0.0+a..b'],
    ...['1.0.0-a+b+c', '1.0.0+a_b', '-1.0.0', '1.0.0-é', '١.0.0', '1.0.0%2Ba'],
    ...ODD.map((odd) => `1.0.${odd}`),
    ...ODD.map((odd) => `1.0.0-${odd}`),
  ];
  for (const text of invalid) assert.ok(!valid.test(text), text);
});

const STEPS = ['', '5.24.0', '6.0.0-rc1', '6.0.0', '6.3.1', '7.8.0-0', '7.8.2-rc1', '9.0.0', ''];
const steps = STEPS.map((version) => ({ name: version, version }));

test('the first pattern that matches has the step of a version', () => {
  const patterns = stepPatterns(steps);
  const stepOf = (asked: string) =>
    patterns.find(({ pattern }) => new RegExp(pattern).test(asked))?.step ?? 0;
  const cases: Record<string, number> = {
    ...{ '0.0.0-0': 0, '5.23.99': 0, '5.24.0-rc9': 0, '5.24.0': 1, '6.0.0-rc0': 1 },
    ...{ '6.0.0-rc1+b': 2, '6.0.0-rc1.1': 2, '6.0.0': 3, '6.3.1-x': 3, '6.3.1': 4, '7.8.0-0': 5 },
    ...{ '7.8.2-rc0': 5, '7.8.2': 6, '10.0.0-a': 7, '9999999999999999999.0.0': 7 },
  };
  for (const [asked, step] of Object.entries(cases)) assert.equal(stepOf(asked), step, asked);
});

test('a minor version has one step unless one begins behind its first release', () => {
  const minors = minorSteps(steps);
  const patterns = stepPatterns(steps);
  assert.equal(minors.size, 16 * 21 + 40 - 2);
  assert.ok(!minors.has('6.3') && !minors.has('7.8'));
  for (const [minor, step] of minors) {
    for (const patch of [0, 1, 99]) {
      const asked = `${minor}.${patch}`;
      assert.equal(new RegExp(`^${RELEASE}$`).exec(asked)?.[1], minor);
      const first = patterns.find(({ pattern }) => new RegExp(pattern).test(asked));
      assert.equal(first?.step ?? 0, step, asked);
    }
  }
});
