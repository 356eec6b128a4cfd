import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Parameters, parseQueryString } from './parse-query-string.ts';

// [query, its parameters, the rule of docs/api.md ("Parameters") or of net/url.ParseQuery]
const queries: [string, Record<string, string>, string][] = [
  ['a=1&b=2', { a: '1', b: '2' }, 'pairs'],
  ['a=1&a=2', { a: '1' }, 'the first occurrence counts'],
  ['a=&a=2', { a: '' }, 'the first occurrence counts, empty or not'],
  ['a&a=2', { a: '' }, 'a key without = is an occurrence'],
  ['a=1&%61=2', { a: '1' }, 'keys are compared decoded'],
  ['%61=1&a=2', { a: '1' }, 'keys are compared decoded'],
  ['A=1&a=2', { A: '1', a: '2' }, 'keys are case-sensitive'],
  ['a=b=c&d==', { a: 'b=c', d: '=' }, 'the first = separates'],
  ['&&a=1&', { a: '1' }, 'empty pairs say nothing'],
  ['?a=1', { '?a': '1' }, 'the query string comes without its ?'],
  ['a=1#b', { a: '1#b' }, 'a # is a character'],
  ['a=x+y%2Bz&b+c=+', { a: 'x y+z', 'b c': ' ' }, '+ is a space, %2B a plus'],
  ['a=%26%3D%3b%25%00', { a: '&=;%\0' }, 'escapes are decoded once, after splitting'],
  ['a=%2561', { a: '%61' }, 'escapes are decoded once'],
  ['a=%c3%A9&b=%F0%9f%98%80', { a: 'é', b: '😀' }, 'escapes are UTF-8, in either case'],
  ['a=é😀', { a: 'é😀' }, 'characters beyond ASCII stand for themselves'],
  ['a=%&b=1', { b: '1' }, 'a malformed escape in a value drops the pair'],
  ['a=%4&b=1', { b: '1' }, 'a malformed escape at the end drops the pair'],
  ['a=%4g&a=%g4&a=% 4&a=2', { a: '2' }, 'a dropped pair is no occurrence'],
  ['a=%+1&a=2', { a: '2' }, 'a + is no hexadecimal digit'],
  ['a=%%41&a=2', { a: '2' }, 'each escape must be well-formed'],
  ['a=%u0041&b=1', { b: '1' }, '%u is malformed'],
  ['%a=1&%zz=2&b=3', { b: '3' }, 'a malformed escape in a key drops the pair'],
  ['a%=1&a=2', { a: '2' }, 'a malformed escape in a key drops the pair'],
  ['a=1&a=%zz', { a: '1' }, 'later pairs do not count, malformed or not'],
  ['a=1;b=2&c=3', { c: '3' }, 'a pair with ; is dropped'],
  ['a=;&a=2', { a: '2' }, 'a pair dropped for its ; is no occurrence'],
  [';=1&a;=2&a=3', { a: '3' }, 'a ; in a key drops the pair'],
  ['a=1&;&b=2', { a: '1', b: '2' }, 'only the pair with ; is dropped'],
  ['a=%3B', { a: ';' }, 'an escaped ; is a character'],
  [
    'a=%FF&b=%C3%28&c=x%80y',
    { a: '\ufffd', b: '\ufffd(', c: 'x\ufffdy' },
    'escapes may be no UTF-8',
  ],
  ['a=%ED%A0%80', { a: '\ufffd\ufffd\ufffd' }, 'a surrogate is no UTF-8'],
  [
    'a=%C0%AF%41%7f',
    { a: '\ufffd\ufffdA\x7f' },
    'an overlong form is no UTF-8, ASCII beside it is',
  ],
  ['__proto__=1&__proto__=2', { ['__proto__']: '1' }, 'no key is special'],
  [
    'constructor=1&hasOwnProperty=2&toString=3',
    { constructor: '1', hasOwnProperty: '2', toString: '3' } as never,
    'no key is special',
  ],
];

test('a query string is read as net/url.ParseQuery reads it, first occurrences only', () => {
  for (const [query, expected, rule] of queries) {
    const actual = Object.entries(read(query)).filter(([key]) => key !== '?');
    const prefixed = Object.entries(expected).map(([key, value]) => [`?${key}`, value]);
    assert.deepEqual(actual, prefixed, `docs/api.md, Parameters: ${rule}: ${query}`);
  }
});

test('an empty key is a key that no parameter has', () => {
  for (const query of ['', '&', '=', '=1', '=1&a=2']) {
    const { '?': _empty, ...others } = read(query);
    assert.deepEqual(others, query.endsWith('a=2') ? { '?a': '2' } : {}, query);
  }
});

test('what is inherited is not taken for a parameter', () => {
  const values = read('a=1');
  for (const key of ['__proto__', 'constructor', 'hasOwnProperty', 'b']) {
    assert.equal(values[`?${key}`], undefined, `docs/api.md, Parameters: ${key} was not sent`);
  }
});

test('junk is read up to the bounds like short junk', () => {
  // [query, the value of x]
  const junk: [string, string | null | undefined][] = [
    [`x=${'%'.repeat(1022)}`, undefined],
    [`x=${'%4'.repeat(500)}&x=1`, '1'],
    [`x=${'%ff'.repeat(85)}`, '\ufffd'.repeat(85)],
    [`x=${'+'.repeat(256)}`, ' '.repeat(256)],
    [`x=${'='.repeat(256)}`, '='.repeat(256)],
    [`x=${'='.repeat(257)}`, null],
    [`${';'.repeat(1000)}&x=1`, '1'],
    [`${'&'.repeat(31)}x=1`, '1'],
    [`${'x=%&'.repeat(31)}x=1`, '1'],
    [`x=1${'&x=2'.repeat(31)}`, '1'],
    [Array.from({ length: 32 }, (_, i) => `k${i}`).join('&'), undefined],
  ];
  for (const [query, expected] of junk) {
    assert.equal(read(query)['?x'], expected, `docs/api.md, Parameters: ${query.slice(0, 20)}…`);
  }
});

test('what is longer than a query can be is not read', () => {
  const many = 200_000;
  for (const junk of ['%', '%4', '%ff', '+', '=', ';', '&', 'x=%&', '&x=2']) {
    assert.equal(parseQueryString(`x=1${junk.repeat(many)}`), null, junk);
  }
});

test('of a key in two spellings it is not known which came first where the order is not', () => {
  // [query, the value of a]
  const mixed: [string, string | null][] = [
    ['a=1&%61=2', null],
    ['%61=1&a=2', null],
    ['a=1&%61=1', '1'],
    ['a=1&a=2', '1'],
    ['a=1&a=2&%61=1', '1'],
    ['a=1&%61=%zz', '1'],
  ];
  for (const [query, expected] of mixed) {
    assert.equal(parseQueryString(query, true)?.['?a'], expected, query);
  }
});

function read(query: string): Parameters {
  const values = parseQueryString(query);
  assert.ok(values !== null, `${query.slice(0, 20)}… is not read`);
  return values;
}
