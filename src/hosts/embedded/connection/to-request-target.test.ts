import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toRequestTarget } from './to-request-target.ts';

// as received, as CloudFront would see it
const cases: [string, string][] = [
  ['/', '/'],
  ['/api/v1/plugins?filter=a%20b', '/api/v1/plugins?filter=a%20b'],
  ['http://host/path?a=b', '/path?a=b'],
  ['HTTPS://user@host:1/path', '/path'],
  ['http://host', '/'],
  ['http://host?a=b', '/?a=b'],
  ['//host/path', '//host/path'],
  ['/http://host/path', '/http://host/path'],
  ['*', '*'],
  ['/?filter=caf\u00c3\u00a9', '/?filter=caf%C3%A9'],
  ['/\u0085\u00a0\u007f', '/%85%A0%7F'],
];

for (const [url, target] of cases) {
  test(`the request target ${JSON.stringify(url)} is read as ${target}`, () => {
    assert.equal(toRequestTarget(url), target);
  });
}
