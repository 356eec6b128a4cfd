import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { type Filter, parseFilter } from '../router/request/parse-filter.ts';
import { RULE_SERVER_VERSIONS } from './axes.ts';
import { indexCatalog } from './catalog-index.ts';
import { evaluate } from './evaluate.ts';

interface Entry {
  /** `id@version`. */
  readonly at: string;
  readonly name?: string;
  readonly about?: string;
  readonly min?: string | null;
  readonly hosting?: string;
  readonly enterprise?: boolean;
  readonly platforms?: object;
}

/** What a catalog answers: `id@version` of each release, or null for a refusal. */
function ask(entries: readonly Entry[], query: string): string[] | null {
  const catalog = entries.map(({ at, name, about, min, ...fields }) => {
    const [id, version] = at.split('@');
    const texts = { name, description: about, min_server_version: min };
    return { ...fields, manifest: { id, version, ...texts } };
  });
  const { releases, problems } = parseCatalog(JSON.stringify(catalog), 'test.json');
  assert.deepEqual(problems, []);
  const answer = evaluate(indexCatalog(releases), parseFilter(query) as Filter);
  return answer?.map(({ release: { manifest } }) => `${manifest.id}@${manifest.version}`) ?? null;
}

/** The releases named in one line: `a@1.0.0 b@2.0.0`. */
const line = (answer: readonly string[] | null) => (answer === null ? null : answer.join(' '));

test('a release is kept where its minimum server version is empty or not above the server', () => {
  // [min_server_version, server_version, whether kept]
  const cases: [string | null, string, boolean][] = [
    ['6.0.0', '6.0.0', true],
    ['6.0.0', '6.0.1', true],
    ['6.0.0', '5.99.99', false],
    ['6.0.0', '10.0.0', true],
    ['10.0.0', '6.0.0', false],
    ['6.9.0', '6.10.0', true],
    ['6.10.0', '6.9.0', false],
    ['6.0.0', '6.0.0-rc1', false],
    ['6.0.0-rc1', '6.0.0', true],
    ['6.0.0-rc1', '6.0.0-rc1', true],
    ['6.0.0-rc.10', '6.0.0-rc.9', false],
    ['6.0.0-rc.9', '6.0.0-rc.10', true],
    ['6.0.0+b', '6.0.0', true],
    ['6.0.0', '6.0.0%2Bb', true],
    ['6.0.0+b', '6.0.0%2Ba', true],
    ['0.0.0', '0.0.0-0', false],
    ['0.0.0-0', '0.0.0-0', true],
    ['', '0.0.0-0', true],
    [null, '0.0.0-0', true],
    ['99.0.0', '', true],
    ['99.0.0-rc1', '', true],
  ];
  for (const [min, server, kept] of cases) {
    const answer = ask([{ at: 'a@1.0.0', min }], `server_version=${server}`);
    const rule = `docs/api.md, server_version: minimum ${min} on ${server || 'an unknown server'}`;
    assert.deepEqual(answer, kept ? ['a@1.0.0'] : [], rule);
  }
  const missing = ask([{ at: 'a@1.0.0' }], 'server_version=0.0.0-0');
  assert.deepEqual(missing, ['a@1.0.0'], 'docs/api.md, server_version: no minimum');
});

test('enterprise releases are for those who ask for them and for servers before 5.25.0', () => {
  // [enterprise_plugins, server_version, whether an enterprise release is kept]
  const cases: [string, string, boolean][] = [
    ['', '', false],
    ['false', '', false],
    ['false', '5.24.99', true],
    ['', '5.24.99', true],
    ['false', '5.3.0', true],
    ['false', '4.99.0', true],
    ['false', '5.25.0-rc1', true],
    ['false', '5.25.0-0%2Bb', true],
    ['false', '5.25.0', false],
    ['false', '5.25.0%2Bb', false],
    ['false', '5.25.1-rc1', false],
    ['false', '5.100.0', false],
    ['false', '10.0.0', false],
    ['true', '', true],
    ['true', '5.24.0', true],
    ['true', '5.25.0', true],
    ['true', '10.0.0', true],
  ];
  for (const [wanted, server, kept] of cases) {
    const query = `enterprise_plugins=${wanted}&server_version=${server}`;
    const entries = [{ at: 'a@1.0.0', enterprise: true }, { at: 'b@1.0.0' }];
    const expected = kept ? 'a@1.0.0 b@1.0.0' : 'b@1.0.0';
    assert.equal(line(ask(entries, query)), expected, `docs/api.md, enterprise_plugins: ${query}`);
  }
  assert.deepEqual(RULE_SERVER_VERSIONS, ['5.25.0'], 'docs/api.md names one server version');
});

test('hosting decides whether cloud servers and others see a release', () => {
  const entries = [
    { at: 'both@1.0.0' },
    { at: 'cloud@1.0.0', hosting: 'cloud' },
    { at: 'on-prem@1.0.0', hosting: 'on-prem' },
  ];
  // [query, ids kept]
  const cases: [string, string][] = [
    ['', 'both@1.0.0 on-prem@1.0.0'],
    ['cloud=false', 'both@1.0.0 on-prem@1.0.0'],
    ['cloud=true', 'both@1.0.0 cloud@1.0.0'],
  ];
  for (const [query, expected] of cases) {
    assert.equal(line(ask(entries, query)), expected, `docs/api.md, cloud: ${query}`);
  }
});

test('a plugin is asked for by its exact id', () => {
  const entries = ['a@1.0.0', 'A@1.0.0', 'ab@1.0.0', 'ünï/x@1.0.0'].map((at) => ({ at }));
  // [plugin_id, as encoded, answer]
  const cases: [string, string][] = [
    ['a', 'a@1.0.0'],
    ['A', 'A@1.0.0'],
    ['AB', ''],
    ['b', ''],
    ['%C3%BCn%C3%AF/x', 'ünï/x@1.0.0'],
    ['+a', ''],
    ['__proto__', ''],
    ['', 'A@1.0.0 a@1.0.0 ab@1.0.0 ünï/x@1.0.0'],
  ];
  for (const [id, expected] of cases) {
    assert.equal(line(ask(entries, `plugin_id=${id}`)), expected, `docs/api.md, plugin_id: ${id}`);
  }
});

test('a text is found in names and descriptions, or is an id', () => {
  const entry: Entry = { at: 'Com.Example.A@1.0.0', name: 'ÉCOLE Σ İ', about: 'To-Do\u00a0list' };
  // [filter, whether found]
  const cases: [string, boolean][] = [
    ['', true],
    ['com.example.a', true],
    ['COM.EXAMPLE.A', true],
    ['com.example', false],
    ['example.a', false],
    ['école', true],
    ['ÉCO', true],
    ['Cole σ', true],
    ['ς', false],
    ['σ i', true],
    ['σ İ', true],
    ['to-do', true],
    ['do\u00a0l', true],
    ['do l', false],
    [' list ', true],
    ['ecole', false],
    ['école σ i to-do', false],
    ['.*', false],
  ];
  for (const [text, found] of cases) {
    const answer = ask([entry], `filter=${encodeURIComponent(text)}`);
    assert.deepEqual(answer, found ? [entry.at] : [], `docs/api.md, filter: ${text}`);
  }
});

/** A plugin whose versions differ in what the rules look at. */
const CHANGING: readonly Entry[] = [
  { at: 'a@1.0.0', about: 'old', min: '5.0.0' },
  { at: 'a@5.0.0', about: 'top', min: '9.0.0' },
  { at: 'a@3.0.0', about: 'premium', enterprise: true },
  { at: 'a@2.0.0', about: 'mid', min: '6.0.0' },
  { at: 'a@4.0.0', about: 'hosted', hosting: 'cloud' },
  { at: 'a@4.0.1', about: 'own', hosting: 'on-prem', min: '8.0.0' },
  { at: 'a@10.0.0-rc1', min: '9.0.0-rc1', enterprise: true },
];

test('the newest is that among the releases which the other rules keep', () => {
  // [query, answer]
  const cases: [string, string][] = [
    ['', 'a@5.0.0'],
    ['enterprise_plugins=true', 'a@10.0.0-rc1'],
    ['enterprise_plugins=true&server_version=9.0.0-rc1', 'a@10.0.0-rc1'],
    ['server_version=8.9.9', 'a@4.0.1'],
    ['server_version=8.9.9&cloud=true', 'a@4.0.0'],
    ['server_version=7.0.0', 'a@2.0.0'],
    ['server_version=7.0.0&enterprise_plugins=true', 'a@3.0.0'],
    ['server_version=5.9.0', 'a@3.0.0'],
    ['server_version=4.9.0', 'a@3.0.0'],
    ['server_version=5.25.0&plugin_id=a', 'a@1.0.0'],
    ['server_version=4.0.0&cloud=true', 'a@4.0.0'],
    [
      'return_all_versions=true&enterprise_plugins=true',
      'a@10.0.0-rc1 a@5.0.0 a@4.0.1 a@3.0.0 a@2.0.0 a@1.0.0',
    ],
    ['return_all_versions=true&server_version=7.0.0', 'a@2.0.0 a@1.0.0'],
    ['return_all_versions=true&server_version=7.0.0&cloud=1', 'a@4.0.0 a@2.0.0 a@1.0.0'],
  ];
  for (const [query, expected] of cases) {
    assert.equal(
      line(ask(CHANGING, query)),
      expected,
      `docs/api.md, return_all_versions: ${query}`,
    );
  }
});

test('the text is looked for after the newest was found', () => {
  // [query, answer]
  const cases: [string, string][] = [
    ['filter=top', 'a@5.0.0'],
    ['filter=mid', ''],
    ['filter=old', ''],
    ['filter=mid&server_version=7.0.0', 'a@2.0.0'],
    ['filter=premium&enterprise_plugins=true', ''],
    ['filter=mid&return_all_versions=true', 'a@2.0.0'],
    ['filter=o&return_all_versions=true', 'a@5.0.0 a@4.0.1 a@1.0.0'],
    ['filter=a&return_all_versions=true&server_version=7.0.0', 'a@2.0.0 a@1.0.0'],
  ];
  for (const [query, expected] of cases) {
    assert.equal(line(ask(CHANGING, query)), expected, `docs/api.md, filter comes last: ${query}`);
  }
});

test('of equal versions the newest is the later in the catalog, all stand as in the catalog', () => {
  const entries: Entry[] = [
    { at: 'a@1.0.0+z' },
    { at: 'b@2.0.0' },
    { at: 'a@2.0.0+y', about: 'first' },
    { at: 'a@2.0.0', about: 'second' },
    { at: 'a@2.0.0+x', about: 'last', min: '6.0.0' },
    { at: 'a@1.0.0+a' },
  ];
  // [query, answer]
  const cases: [string, string][] = [
    ['plugin_id=a', 'a@2.0.0+x'],
    ['', 'a@2.0.0+x b@2.0.0'],
    ['server_version=5.0.0', 'a@2.0.0 b@2.0.0'],
    ['filter=first', ''],
    ['filter=second', ''],
    ['filter=last', 'a@2.0.0+x'],
    ['return_all_versions=true&plugin_id=a', 'a@2.0.0+y a@2.0.0 a@2.0.0+x a@1.0.0+z a@1.0.0+a'],
  ];
  for (const [query, expected] of cases) {
    assert.equal(line(ask(entries, query)), expected, `equal versions: ${query}`);
  }
});

test('an answer is in the order of lower-cased names, then ids', () => {
  // [plugins as they are to be answered, `id:name`; what the order follows]
  const cases: [string[], string][] = [
    [['z:a', 'a:B', 'b:c'], 'name'],
    [['Z:x', 'a:X', 'b:x'], 'id'],
    [['z:', 'a: ', 'b:!'], 'no name'],
    [['c:Zoo', 'b:Éc', 'a:Ω'], 'é'],
    [['b:\uffff', 'a:\u{10000}'], 'code points'],
    [['\uffee:x', '\u{1f600}:x'], 'code points of ids'],
    [['b:[', 'a:A'], 'lower case: [ is before a'],
    [['b:Plugin 10', 'a:Plugin 9'], 'characters'],
    [['b:Plug', 'a:Plug in'], 'prefixes'],
  ];
  for (const [plugins, what] of cases) {
    const entries = plugins.map((plugin): Entry => {
      const [id, name = ''] = plugin.split(':');
      return { at: `${id}@1.0.0`, ...(name && { name }) };
    });
    const expected = entries.map(({ at }) => at);
    for (const catalog of [entries, entries.toReversed()]) {
      assert.deepEqual(ask(catalog, ''), expected, `docs/api.md, Order: ${what}`);
    }
  }
});

test('a plugin stands whole where the name of its highest version in the answer puts it', () => {
  const entries: Entry[] = [
    { at: 'changing@1.0.0', name: 'Zebra' },
    { at: 'changing@2.0.0', name: 'Middle', min: '6.0.0' },
    { at: 'changing@10.0.0', name: 'aardvark', about: 'new', min: '7.0.0' },
    { at: 'first@1.0.0', name: 'Beta' },
    { at: 'last@1.0.0', name: 'yak' },
    { at: 'last@2.0.0', name: 'Nano' },
  ];
  const all = 'return_all_versions=true';
  // [query, answer]
  const cases: [string, string][] = [
    ['', 'changing@10.0.0 first@1.0.0 last@2.0.0'],
    ['server_version=6.0.0', 'first@1.0.0 changing@2.0.0 last@2.0.0'],
    ['server_version=5.0.0', 'first@1.0.0 last@2.0.0 changing@1.0.0'],
    [all, 'changing@10.0.0 changing@2.0.0 changing@1.0.0 first@1.0.0 last@2.0.0 last@1.0.0'],
    [
      `${all}&server_version=6.0.0`,
      'first@1.0.0 changing@2.0.0 changing@1.0.0 last@2.0.0 last@1.0.0',
    ],
    // The text leaves only older versions of some plugins, and their names count then.
    [`${all}&filter=e`, 'changing@10.0.0 changing@2.0.0 changing@1.0.0 first@1.0.0'],
    [`${all}&filter=a`, 'changing@10.0.0 changing@1.0.0 first@1.0.0 last@2.0.0 last@1.0.0'],
    [`${all}&filter=b`, 'first@1.0.0 changing@1.0.0'],
    [`${all}&filter=y`, 'last@1.0.0'],
  ];
  for (const [query, expected] of cases) {
    const rule = `docs/api.md, Order, where a name differs between versions: ${query}`;
    assert.equal(line(ask(entries, query)), expected, rule);
  }
});

const FIVE: readonly Entry[] = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ at: `${id}@1.0.0` }));

test('an order that would go in a circle is that of the newest names, whatever the catalog', () => {
  const byKey: Readonly<Record<string, Entry>> = {
    a1: { at: 'a@1.0.0', name: 'Alpha' },
    b1: { at: 'b@1.0.0', name: 'Mid' },
    a2: { at: 'a@2.0.0', name: 'Zed' },
  };
  const orders = ['a1 b1 a2', 'a1 a2 b1', 'b1 a1 a2', 'b1 a2 a1', 'a2 a1 b1', 'a2 b1 a1'];
  for (const order of orders) {
    const entries = order.split(' ').map((key) => byKey[key] as Entry);
    const given = entries.map(({ at }) => at).join(' ');
    const all = 'return_all_versions=true';
    const rule = `docs/api.md, Differences: a plugin whose name changed, given ${given}`;
    assert.equal(line(ask(entries, all)), 'b@1.0.0 a@2.0.0 a@1.0.0', rule);
    assert.equal(line(ask(entries, `${all}&per_page=2&page=1`)), 'a@1.0.0', rule);
    assert.equal(line(ask(entries, `${all}&filter=alpha`)), 'a@1.0.0', rule);
    assert.equal(line(ask(entries, '')), 'b@1.0.0 a@2.0.0', rule);
  }
});

test('a page is cut after ordering, and past the end there is nothing', () => {
  const huge = '9223372036854775807';
  // [query, ids of the answer, or null for a refusal]
  const cases: [string, string | null][] = [
    ['', 'abcde'],
    ['page=0', 'abcde'],
    ['page=1', ''],
    ['per_page=2', 'ab'],
    ['per_page=2&page=0', 'ab'],
    ['per_page=2&page=1', 'cd'],
    ['per_page=2&page=2', 'e'],
    ['per_page=2&page=3', ''],
    ['per_page=1&page=4', 'e'],
    ['per_page=5', 'abcde'],
    ['per_page=5&page=1', ''],
    ['per_page=4&page=1', 'e'],
    ['per_page=6', 'abcde'],
    ['per_page=0', ''],
    ['per_page=0&page=3', ''],
    ['per_page=0&page=-3', ''],
    ['per_page=-1', 'abcde'],
    ['per_page=-1&page=3', 'abcde'],
    ['per_page=-1&page=-3', 'abcde'],
    [`per_page=-1&page=${huge}`, 'abcde'],
    [`per_page=${huge}`, 'abcde'],
    [`per_page=${huge}&page=1`, ''],
    [`per_page=1&page=${huge}`, ''],
    [`per_page=${huge}&page=${huge}`, ''],
    [`per_page=0&page=${huge}`, ''],
    ['page=-0', 'abcde'],
    ['page=-1', null],
    ['page=-1&per_page=1', null],
    ['page=-1&per_page=100', null],
    [`page=-${huge}`, null],
    ['page=-1&filter=nothing-like-it', ''],
    ['page=-1&plugin_id=f', ''],
  ];
  for (const [query, ids] of cases) {
    const expected = ids === null ? null : [...ids].map((id) => `${id}@1.0.0`);
    assert.deepEqual(ask(FIVE, query), expected, `docs/api.md, page and per_page: ${query}`);
  }
  assert.deepEqual(ask([], 'page=-1'), [], 'docs/api.md, page: there is nothing to cut');
});

test('pages hold a hundred releases unless asked otherwise, and count versions, not plugins', () => {
  const many = Array.from({ length: 101 }, (_, i) => ({ at: `a@0.0.${i}` }));
  const all = 'return_all_versions=true';
  // [query, first of the answer, its length]
  const cases: [string, string, number][] = [
    [all, 'a@0.0.100', 100],
    [`${all}&page=1`, 'a@0.0.0', 1],
    [`${all}&per_page=-1`, 'a@0.0.100', 101],
    [`${all}&per_page=50&page=2`, 'a@0.0.0', 1],
    [`${all}&per_page=2&page=1`, 'a@0.0.98', 2],
    ['per_page=2', 'a@0.0.100', 1],
  ];
  for (const [query, first, length] of cases) {
    const answer = ask(many, query);
    const rule = `docs/api.md, page and per_page: ${query}`;
    assert.deepEqual([answer?.[0], answer?.length], [first, length], rule);
  }
});

test('the platform does not change which releases are answered', () => {
  const bundle = { download_url: 'https://example.com/a', signature: 'c2ln' };
  const entries: Entry[] = [
    { at: 'a@1.0.0', platforms: { 'linux-amd64': bundle } },
    { at: 'a@2.0.0' },
    { at: 'b@1.0.0', platforms: { 'windows-amd64': bundle } },
  ];
  for (const rest of ['', '&return_all_versions=true', '&page=1&per_page=1', '&filter=b']) {
    const expected = ask(entries, rest);
    for (const platform of ['linux-amd64', 'windows-amd64', 'plan9-mips', '__proto__']) {
      const query = `platform=${platform}${rest}`;
      assert.deepEqual(ask(entries, query), expected, `docs/api.md, platform: ${query}`);
    }
  }
});

test('the catalog is not changed by asking', () => {
  const { releases } = parseCatalog(
    JSON.stringify(['b', 'a'].map((id) => ({ manifest: { id, version: '1.0.0', name: 'x' } }))),
    'test.json',
  );
  const index = indexCatalog(releases);
  const before = JSON.stringify(index);
  for (const query of ['', 'return_all_versions=true&filter=a', 'per_page=1&page=1']) {
    evaluate(index, parseFilter(query) as Filter);
    assert.equal(JSON.stringify(index), before, query);
  }
});
