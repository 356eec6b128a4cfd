import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefersGzip } from './prefers-gzip.ts';

// Accept-Encoding, whether gzip is sent
const cases: [string | undefined, boolean][] = [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['gzip, deflate, br, zstd', true],
  ['deflate,br', false],
  ['gzipped', false],
  ['gzip;q=0', false],
  ['gzip;q=0.000', false],
  ['gzip ; q=0.001', true],
  ['gzip;Q=1.000', true],
  ['*', true],
  ['*;q=0', false],
  ['gzip;q=0, *', false],
  ['identity;q=0, *;q=0.1', true],
  ['gzip, *;q=0', true],
  ['identity', false],
  ['identity, gzip', true],
  ['identity, gzip;q=0.9', false],
  ['identity;q=0.5, gzip;q=0.8', true],
  ['identity;q=0', false],
  ['*;q=0.5, gzip;q=0.2', false],
  ['gzip;q=2', false],
  ['gzip;q=', false],
  ['gzip;q=0.1234', false],
  ['gzip;level=9', false],
  [',, gzip ,', true],
];

for (const [header, expected] of cases) {
  test(`Accept-Encoding ${JSON.stringify(header)} gets ${expected ? 'gzip' : 'identity'}`, () => {
    assert.equal(prefersGzip(header), expected);
  });
}
