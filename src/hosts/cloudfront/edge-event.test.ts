import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toEdgeEvent } from './edge-event.ts';

// target, uri, query as CloudFront hands it over
const cases: [string, string, [string, unknown][]][] = [
  ['/a', '/a', []],
  ['/a?', '/a', []],
  ['/a?b', '/a', [['b', { value: '' }]]],
  ['/a?b=', '/a', [['b', { value: '' }]]],
  ['/a?=c', '/a', [['', { value: 'c' }]]],
  ['/a?b=c=d?e', '/a', [['b', { value: 'c=d?e' }]]],
  // Empty pairs are an empty key, so that the router counts them as every edge does.
  [
    '/a?&&b=1&',
    '/a',
    [
      ['', { value: '', multiValue: [{ value: '' }, { value: '' }, { value: '' }] }],
      ['b', { value: '1' }],
    ],
  ],
  ['/%41?%62=%20+;', '/%41', [['%62', { value: '%20+;' }]]],
  [
    '/a?z=1&B=2&b=3',
    '/a',
    [
      ['z', { value: '1' }],
      ['B', { value: '2' }],
      ['b', { value: '3' }],
    ],
  ],
  [
    '/a?b=1&c=2&b=&b=3',
    '/a',
    [
      ['b', { value: '1', multiValue: [{ value: '1' }, { value: '' }, { value: '3' }] }],
      ['c', { value: '2' }],
    ],
  ],
  [
    '/a?__proto__=1&constructor=2&hasOwnProperty',
    '/a',
    [
      ['__proto__', { value: '1' }],
      ['constructor', { value: '2' }],
      ['hasOwnProperty', { value: '' }],
    ],
  ],
];

for (const [target, uri, pairs] of cases) {
  test(`${target} becomes the event that CloudFront would build`, () => {
    const { request } = toEdgeEvent('GET', target, {});
    assert.equal(request.uri, uri);
    assert.deepEqual(Object.entries(request.querystring), pairs);
  });
}

test('the headers of an event are in lower case, each with a value', () => {
  const { request } = toEdgeEvent('HEAD', '/', { host: 'h', cookie: 'a=b', 'set-cookie': ['c'] });
  assert.equal(request.method, 'HEAD');
  assert.deepEqual({ ...request.headers }, { host: { value: 'h' }, 'set-cookie': { value: 'c' } });
});
