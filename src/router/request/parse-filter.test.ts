import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Filter, parseFilter, type Refusal, trim } from './parse-filter.ts';

const DEFAULTS: Filter = {
  page: 0,
  perPage: 100,
  text: '',
  serverVersion: '',
  enterprise: false,
  cloud: false,
  platform: '',
  pluginId: '',
  allVersions: false,
};

/** The only way the reference's clients ask: a key for each parameter, most of them empty. */
const FROM_A_SERVER =
  'build_enterprise_ready=true&cloud=false&enterprise_plugins=true&filter=&local_only=false&page=0' +
  '&platform=linux-amd64&plugin_id=&remote_only=false&return_all_versions=false&server_version=9.5.0';

// [query, what of the filter is not the default]
const accepted: [string, Partial<Filter>][] = [
  ['', {}],
  ['page=&per_page=&filter=&server_version=&enterprise_plugins=&cloud=', {}],
  ['platform=&plugin_id=&return_all_versions=', {}],
  ['unknown=x&Page=7&PER_PAGE=x&page[]=x', {}],
  [FROM_A_SERVER, { enterprise: true, platform: 'linux-amd64', serverVersion: '9.5.0' }],
  ['page=7', { page: 7 }],
  ['page=%2B7', { page: 7 }],
  ['page=-7', { page: -7 }],
  ['page=007', { page: 7 }],
  ['page=-007', { page: -7 }],
  ['page=0000', {}],
  ['page=-1&per_page=-1', { page: -1, perPage: -1 }],
  ['page=7&page=x', { page: 7 }],
  ['page=&page=x', {}],
  ['page=%zz&page=x;&page=7', { page: 7 }],
  ['page=1000000000000000000', { page: 1e18 }],
  ['page=9223372036854775807', { page: 2 ** 63 }],
  ['page=-9223372036854775808', { page: -(2 ** 63) }],
  [`page=${'0'.repeat(255)}7`, { page: 7 }],
  ['per_page=0', { perPage: 0 }],
  ['per_page=1', { perPage: 1 }],
  ['per_page=-1', { perPage: -1 }],
  ['per_page=-01', { perPage: -1 }],
  ['per_page=9223372036854775807', { perPage: 2 ** 63 }],
  ['filter=Jira%20Cloud', { text: 'Jira Cloud' }],
  ['filter=++Jira++Cloud++', { text: 'Jira  Cloud' }],
  ['filter=x', { text: 'x' }],
  ['filter=%20x', { text: 'x' }],
  ['filter=x%20', { text: 'x' }],
  ['filter=%20', {}],
  ['filter=%0A%0D%09%0b%0C%20', {}],
  ['filter=ΟΔΟΣ', { text: 'ΟΔΟΣ' }],
  ['server_version=6.0.0-rc1', { serverVersion: '6.0.0-rc1' }],
  ['server_version=6.0.0%2Bb.1', { serverVersion: '6.0.0+b.1' }],
  ['server_version=18446744073709551615.0.0', { serverVersion: '18446744073709551615.0.0' }],
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].flatMap((value): [string, Partial<Filter>][] => [
    [`enterprise_plugins=${value}`, { enterprise: true }],
    [`cloud=${value}`, { cloud: true }],
    [`return_all_versions=${value}`, { allVersions: true }],
  ]),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((value): [string, Partial<Filter>] => [
    `enterprise_plugins=${value}&cloud=${value}&return_all_versions=${value}`,
    {},
  ]),
  ['platform=Linux-AMD64+', { platform: 'Linux-AMD64 ' }],
  ['platform=__proto__', { platform: '__proto__' }],
  ['plugin_id=+Com.Example/x%00', { pluginId: ' Com.Example/x\0' }],
];

test('a request is read as docs/api.md says, what is not sent or empty is the default', () => {
  for (const [query, expected] of accepted) {
    const message = `docs/api.md, Parameters: ${query.slice(0, 100)}`;
    assert.deepEqual(parseFilter(query), { ...DEFAULTS, ...expected }, message);
  }
});

test('minus zero is zero', () => {
  for (const query of ['page=-0', 'per_page=-0', 'page=-000&per_page=%2B0']) {
    const filter = parseFilter(query) as Filter;
    assert.ok(filter.page === 0, `docs/api.md, page: ${query}`);
    assert.ok(filter.perPage === (query.includes('per_page') ? 0 : 100), `docs/api.md: ${query}`);
  }
});

// [text, whether white space]
const blanks: [string, boolean][] = [
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2003, 0x200a].map(toBlank),
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000].map(toBlank),
  ...[0x00, 0x08, 0x0e, 0x1c, 0x1f, 0x21, 0x84, 0x86, 0xad, 0x180e, 0x200b, 0x200d].map(toOther),
  ...[0x1fff, 0x202e, 0x2030, 0x2060, 0x3001, 0xfeff].map(toOther),
];

function toBlank(code: number): [string, boolean] {
  return [String.fromCodePoint(code), true];
}

function toOther(code: number): [string, boolean] {
  return [String.fromCodePoint(code), false];
}

test('a filter is trimmed of the white space of Unicode, the byte order mark is none', () => {
  for (const [text, blank] of blanks) {
    for (const around of [`${text}a${text}b${text}`, `  ${text}a${text}b${text} `]) {
      const { text: actual } = parseFilter(`filter=${encodeURIComponent(around)}`) as Filter;
      const expected = blank ? `a${text}b` : `${text}a${text}b${text}`;
      assert.equal(
        actual,
        expected,
        `docs/api.md, filter: trimming U+${text.charCodeAt(0).toString(16)}`,
      );
    }
  }
});

const AN_INTEGER = 'an integer';
const A_PAGE_SIZE = 'an integer >= -1';
const A_VERSION = 'a semantic version';
const A_BOOLEAN = 'true or false';

// [query, parameter at fault, what is allowed]
const refused: [string, string, string][] = [
  ['page=x', 'page', AN_INTEGER],
  ['page=1.0', 'page', AN_INTEGER],
  ['page=1e3', 'page', AN_INTEGER],
  ['page=0x1', 'page', AN_INTEGER],
  ['page=1_000', 'page', AN_INTEGER],
  ['page=+1', 'page', AN_INTEGER],
  ['page=1+', 'page', AN_INTEGER],
  ['page=1%0A', 'page', AN_INTEGER],
  ['page=-', 'page', AN_INTEGER],
  ['page=%2B', 'page', AN_INTEGER],
  ['page=--1', 'page', AN_INTEGER],
  ['page=%2B-1', 'page', AN_INTEGER],
  ['page=１', 'page', AN_INTEGER],
  ['page=NaN', 'page', AN_INTEGER],
  ['page=Infinity', 'page', AN_INTEGER],
  ['page=9223372036854775808', 'page', AN_INTEGER],
  ['page=10000000000000000000', 'page', AN_INTEGER],
  ['page=-9223372036854775809', 'page', AN_INTEGER],
  [`page=${'1'.repeat(256)}`, 'page', AN_INTEGER],
  ['per_page=x', 'per_page', A_PAGE_SIZE],
  ['per_page=-2', 'per_page', A_PAGE_SIZE],
  ['per_page=-9223372036854775808', 'per_page', A_PAGE_SIZE],
  ['per_page=9223372036854775808', 'per_page', A_PAGE_SIZE],
  ['server_version=9.5', 'server_version', A_VERSION],
  ['server_version=v9.5.0', 'server_version', A_VERSION],
  ['server_version=+9.5.0', 'server_version', A_VERSION],
  ['server_version=9.5.0+b', 'server_version', A_VERSION],
  ['server_version=9.5.0%0A', 'server_version', A_VERSION],
  ['server_version=+', 'server_version', A_VERSION],
  ...['enterprise_plugins', 'cloud', 'return_all_versions'].flatMap((parameter) =>
    ['tRUE', 'yes', 'on', '2', '01', 'true ', ' f', 't\n', 'falsetrue', 'tr', 'null'].map(
      (value): [string, string, string] => [
        `${parameter}=${encodeURIComponent(value)}`,
        parameter,
        A_BOOLEAN,
      ],
    ),
  ),
  // The first in the order of docs/api.md is told.
  ['cloud=x&server_version=y&per_page=z', 'per_page', A_PAGE_SIZE],
  ['return_all_versions=x&cloud=y', 'cloud', A_BOOLEAN],
  // What was sent is not sent back, however long it is.
  [`cloud=${'1'.repeat(80)}`, 'cloud', A_BOOLEAN],
  [`cloud=${'1'.repeat(81)}`, 'cloud', A_BOOLEAN],
];

test('what is not allowed is refused, and the refusal says what is', () => {
  for (const [query, parameter, allowed] of refused) {
    const expected: Refusal = { error: `${parameter} is not valid`, parameter, allowed };
    const message = `docs/api.md, Parameters, anything else is 400: ${query.slice(0, 100)}`;
    assert.deepEqual(parseFilter(query), expected, message);
  }
});

test('every number of a filter is a number, however large', () => {
  for (const [query] of accepted) {
    const filter = parseFilter(query);
    assert.ok(!Object.values(filter).some(Number.isNaN), `${query.slice(0, 100)} makes NaN`);
    const { page, perPage } = filter as Filter;
    assert.ok(Number.isInteger(page) && Number.isInteger(perPage), query.slice(0, 100));
  }
});

/** What is read of a query, as a refusal tells it. */
const READ = '1024 characters, 32 keys, 256 a value, one spelling';

const VALUES = ['page', 'filter', 'server_version', 'cloud', 'platform', 'plugin_id'];

// [query, parameter at fault; none: it is read]
const bounded: [string, string | undefined][] = [
  ...VALUES.map((key): [string, string] => [`${key}=${'0'.repeat(257)}`, key]),
  [`filter=${'x'.repeat(256)}`, undefined],
  [`server_version=1.0.0-${'a.'.repeat(125)}a`, 'server_version'],
  [`server_version=1.0.0-${'a'.repeat(250)}`, undefined],
  [`server_version=1.0.0-${'1.'.repeat(7750)}1`, 'query'],
  // As sent: an escape has three characters.
  [`filter=${'%20'.repeat(85)}x`, undefined],
  [`filter=${'%20'.repeat(86)}`, 'filter'],
  [`platform=${'%e3%81%82'.repeat(28)}`, undefined],
  [`platform=${'%e3%81%82'.repeat(29)}`, 'platform'],
  // Of several values the first counts, however long it is, unless it is dropped; other keys do not count.
  [`page=0&page=${'0'.repeat(257)}`, undefined],
  [`page=${'0'.repeat(257)}&page=0`, 'page'],
  [`page=${';'.repeat(257)}&page=0`, undefined],
  [`unknown=${'x'.repeat(257)}`, undefined],
  [`${'x'.repeat(1024)}`, undefined],
  [`${'x'.repeat(1025)}`, 'query'],
  [`${'x'.repeat(1_000_000)}`, 'query'],
  ['&'.repeat(31), undefined],
  ['&'.repeat(32), 'query'],
  ['&'.repeat(1_000_000), 'query'],
  [Array.from({ length: 32 }, (_, i) => `k${i}=v`).join('&'), undefined],
  [Array.from({ length: 33 }, (_, i) => `k${i}=v`).join('&'), 'query'],
  [`${FROM_A_SERVER}${'&x=y'.repeat(21)}`, undefined],
  [`${FROM_A_SERVER}${'&x=y'.repeat(22)}`, 'query'],
];

test('a query is read up to a length, a number of pairs and a length of values', () => {
  for (const [query, parameter] of bounded) {
    const message = `docs/api.md, Parameters: what is longer is 400: ${query.slice(0, 60)} (${query.length})`;
    const found = parseFilter(query);
    if (parameter === undefined) assert.ok(!('allowed' in found), message);
    else {
      const expected = { error: `${parameter} is not valid`, parameter, allowed: READ };
      assert.deepEqual(found, expected, message);
    }
  }
});

test('whatever a server can send is read, with the longest id and more keys than it has', () => {
  const longest = `com.example.${'x'.repeat(178)}`;
  for (const key of ['plugin_id', 'filter', 'platform']) {
    const query = `${FROM_A_SERVER.replace(`&${key}=`, `&${key}=${longest}`)}&one_more=true`;
    assert.ok(!('error' in parseFilter(query)), `invariant 2: ${key} of ${longest.length}`);
  }
});

test('blanks are trimmed from long texts as from short ones', () => {
  const many = 256;
  // [text, what is left of it]
  const texts: [string, string][] = [
    [' '.repeat(many), ''],
    [`a${' '.repeat(many)}b`, `a${' '.repeat(many)}b`],
    [`${'\u3000'.repeat(many)}a`, 'a'],
    [`a${'\n'.repeat(many)}`, 'a'],
    ['a'.repeat(many), 'a'.repeat(many)],
  ];
  for (const [text, expected] of texts) assert.equal(trim(text), expected, 'docs/api.md, filter');
});

test('a pair that is dropped is no fault, however long', () => {
  for (const junk of ['%', ';', '%4']) {
    assert.deepEqual(parseFilter(`page=${junk.repeat(500)}`), DEFAULTS, 'docs/api.md, Parameters');
  }
});
