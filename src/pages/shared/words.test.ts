import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunsOn } from '../../mattermost/platforms.ts';
import { formatDay, isOld, isPlatform, platformWords } from './words.ts';

test('where a release runs, in words', () => {
  // [where it runs, in words]
  const cases: [RunsOn, string | undefined][] = [
    ['any', 'any platform'],
    ['unstated', undefined],
    [[], 'no platform'],
    [['linux-amd64'], 'linux-amd64'],
    [
      ['windows-amd64', 'linux-arm64', 'darwin-arm64', 'linux-amd64'],
      'linux-amd64, linux-arm64, darwin-arm64, windows-amd64',
    ],
    [['plan9-386', 'openbsd-amd64', 'freebsd-amd64'], 'freebsd-amd64, openbsd-amd64, plan9-386'],
    [['linux', 'constructor-x', '__proto__-y'], 'linux, __proto__-y, constructor-x'],
  ];
  for (const [runsOn, expected] of cases) assert.equal(platformWords(runsOn), expected);
});

test('a platform is a system and an architecture', () => {
  for (const text of ['linux-amd64', 'darwin-arm64', 'freebsd-386', 'windows-x86_64']) {
    assert.ok(isPlatform(text), text);
  }
  for (const text of [
    '',
    'linux',
    'linux-',
    'linux-a b',
    'amd64-linux',
    'linux-amd64-v2',
    'Linux-amd64',
  ]) {
    assert.ok(!isPlatform(text), text);
  }
});

test('a plugin is old after two years without a release', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  assert.equal(isOld('2024-03-02', now), false);
  assert.equal(isOld('2024-02-28', now), true);
  assert.equal(isOld('', now), false);
});

// Time, day for programs, day for people.
const TIMES: readonly (readonly [string, string, string])[] = [
  ['2024-05-17T14:42:33.013737Z', '2024-05-17', '17 May 2024'],
  ['2024-05-17T23:30:00+02:00', '2024-05-17', '17 May 2024'],
  ['2024-05-17T23:30:00-02:00', '2024-05-18', '18 May 2024'],
  ['0900-02-03T00:00:00Z', '0900-02-03', '3 Feb 900'],
];

test('the day of a time is that of UTC, and unknown for the zero time and none', () => {
  for (const [time, iso, words] of TIMES) assert.deepEqual(formatDay(time), { iso, words });
  for (const time of ['0001-01-01T00:00:00Z', '']) assert.equal(formatDay(time), undefined);
});
