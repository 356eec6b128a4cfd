import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResult, wrkScript } from './wrk.ts';

const resultOf = (more: object) =>
  `Running 1s test\n  16 connections\n${JSON.stringify({ requests: 3000, micros: 1.5e6, bytes: 9e6, p50: 800, p99: 2500, refused: 0, broken: 0, ...more })}\n`;

test('the output of wrk is read as requests per second and milliseconds', () => {
  assert.deepEqual(readResult(resultOf({})), {
    requests: 3000,
    requestsPerSecond: 2000,
    bytes: 9e6,
    p50Ms: 0.8,
    p99Ms: 2.5,
  });
});

// what went wrong, wrk's output
for (const [what, printed] of [
  ['an answer was an error', resultOf({ refused: 1 })],
  ['a connection broke', resultOf({ broken: 1 })],
  ['nothing was answered', resultOf({ requests: 0 })],
  ['wrk ended without a word', 'unable to connect to 127.0.0.1:1'],
] as const) {
  test(`it is an error where ${what}`, () => {
    assert.throws(() => readResult(printed), /wrk was not answered/);
  });
}

test('a script has each target as it is sent', () => {
  const targets = ['/api/v1/plugins?filter=&page=0', '/a"b'];
  const gzip = wrkScript({ targets, acceptsGzip: true });
  assert.ok(gzip.includes('  "/api/v1/plugins?filter=&page=0",\n  "/a\\"b",\n'));
  assert.match(gzip, /\["Accept-Encoding"\] = "gzip"/);
  assert.doesNotMatch(wrkScript({ targets, acceptsGzip: false }), /Accept-Encoding/);
});
