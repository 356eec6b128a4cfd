import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunsOn } from '../../mattermost/platforms.ts';
import { platformWords } from './platform-words.ts';

test('where a release runs, in words', () => {
  // [where it runs, in words]
  const cases: [RunsOn, string | undefined][] = [
    ['any', 'Any platform'],
    ['unstated', undefined],
    [[], 'No platform'],
    [['linux-amd64'], 'Linux (amd64)'],
    [
      ['windows-amd64', 'linux-arm64', 'darwin-arm64', 'linux-amd64', 'darwin-amd64'],
      'Linux (amd64, arm64), macOS (amd64, arm64), Windows (amd64)',
    ],
    [
      ['openbsd-amd64', 'plan9-386', 'freebsd-amd64'],
      'FreeBSD (amd64), OpenBSD (amd64), plan9 (386)',
    ],
    [['linux', 'constructor-x', '__proto__-y'], 'Linux, __proto__ (y), constructor (x)'],
  ];
  for (const [runsOn, expected] of cases) assert.equal(platformWords(runsOn), expected);
});
