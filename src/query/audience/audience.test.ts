import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAudience, toAudience } from './audience.ts';

const axes = {
  steps: ['0.0.0-0', '5.25.0', '9.5.0', ''].map((serverVersion) => ({
    name: serverVersion,
    serverVersion,
  })),
  platforms: ['', 'darwin-amd64', 'linux-amd64', 'linux-arm64'],
};

const both = [false, true];
const all = [0, 1, 2, 3];

// Columns, editions, hostings, platforms, in words. Today's rules answer requests without a server version as those of the
// newest servers, so the two never part; the words are there for rules that make them.
const boxes: readonly [number, number, boolean[], boolean[], number[], string][] = [
  [0, 3, both, both, all, 'every server'],
  [0, 2, both, both, all, 'every server that tells its version'],
  [1, 3, both, both, all, 'servers 5.25.0 and newer'],
  [1, 2, both, both, all, 'servers 5.25.0 and newer that tell their version'],
  [0, 0, both, both, all, 'servers before 5.25.0'],
  [1, 1, both, both, all, 'servers 5.25.0 up to (not including) 9.5.0'],
  [3, 3, both, both, all, 'requests without a server version'],
  [0, 3, [true], both, all, 'every server, enterprise'],
  [0, 3, [false], [true], all, 'every server, team, cloud'],
  [0, 3, both, [false], all, 'every server, on-prem'],
  [0, 3, both, both, [2], 'every server, linux-amd64'],
  [0, 3, both, both, [1, 2, 3], 'every server, darwin-amd64, linux-amd64 and linux-arm64'],
  [0, 3, both, both, [0, 1], 'every server, every platform but linux-amd64 and linux-arm64'],
  [
    2,
    3,
    [true],
    [true],
    [1, 3],
    'servers 9.5.0 and newer, enterprise, cloud, darwin-amd64 and linux-arm64',
  ],
];

for (const [first, last, enterprise, cloud, platforms, words] of boxes) {
  test(words, () => {
    const place = toAudience({ first, last, enterprise, cloud, platforms }, axes);
    assert.equal(describeAudience(place), words);
  });
}
