import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../test/random.ts';
import { hostileReleases } from '../../../test/samples/hostile-catalog.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import { UserError } from '../../lib/errors.ts';
import { digit } from '../../router/table/digit.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { planSite } from '../../site/plan/plan-site.ts';
import { ID_PLACEHOLDER } from '../snapshot-id.ts';
import { makeRouter } from './make-router.ts';
import { parseRouter } from './parse-router.ts';

const version = '0123456789abcdef';

async function tableOf(releases: Parameters<typeof planSite>[0]['releases']) {
  const { table } = await planSite({
    ...GENEROUS,
    routerBytes: 1e6,
    maxFiles: 1,
    maxBytes: 1,
    releases,
  });
  return table;
}

const release = (id: string, version: string, more: object = {}, manifest: object = {}) => ({
  ...more,
  platforms: { 'linux-amd64': { download_url: `https://a.example/${id}` } },
  manifest: { id, name: `Plugin ${id}`, version, min_server_version: '9.0.0', ...manifest },
});
const small = await tableOf(
  parseCatalog(
    JSON.stringify([
      release('calls', '1.0.0', { enterprise: true }),
      release('calls', '1.1.0', {}, { min_server_version: '9.5.0-rc1' }),
      release('Jira', '2.0.0', { hosting: 'cloud' }, { description: 'Ü issues issues issues' }),
    ]),
    'a.json',
  ).releases,
);
const parse = (table: unknown) =>
  parseRouter({ id: ID_PLACEHOLDER, router: { version, table } }, 'snapshot.json').table;

test('the tables of builds are taken: small, empty, hostile, and that of the shipped catalog', async () => {
  const shipped = (await readCatalog(['plugins.json'], { cwd: process.cwd() })).releases;
  for (const table of [
    small,
    ...(await Promise.all([[], hostileReleases(), shipped].map(tableOf))),
  ]) {
    assert.deepEqual(parse(JSON.parse(JSON.stringify(table))), table);
  }
});

const doubling = Array.from({ length: 60 }, (_, i) => {
  const [code, before] = [65 + i, 64 + i].map((each) => String.fromCharCode(each));
  return ` ${code}${before}${before}`;
}).join('');

/** Each takes a pass over the text. */
const many = Array.from({ length: 2700 }, (_, i) => `~${String.fromCharCode(0x2000 + i)}q`).join(
  '',
);

// What is wrong, the table's field, its value, what is said; other fields.
const hostile: readonly (readonly [string, string, unknown, RegExp, object?])[] = [
  [
    'a root elsewhere',
    'root',
    '/snapshots/../etc/',
    /router\.table\.root: .* is not \/snapshots\//,
  ],
  ['a number for a text', 'steps', 7, /router\.table\.steps: 7 invalid input: expected string/],
  ['a list for a text', 'plugins', ['a'], /router\.table\.plugins: \["a"\] /],
  ['null', 'texts', null, /router\.table\.texts: null /],
  ['a field that is missing', 'kinds', undefined, /router\.table\.kinds: nothing /],
  [
    'a field that is unknown',
    'constructor',
    {},
    /router\.table: .*unrecognized key: "constructor"/,
  ],
  ['a huge text', 'classes', '('.repeat(2 ** 20 + 1), /classes: .* longer than a million/],
  ['huge abbreviations', 'abbreviations', 'x'.repeat(9000), /abbreviations: .* is longer than all/],
  ['too many letters', 'lowerCase', Array(4002).fill('ü'), /lowerCase: .* <=4000/],
  ['letters without a pair', 'lowerCase', ['Ü'], /lowerCase: .* is not pairs of a letter/],
  ['a letter that grows', 'lowerCase', ['Ü', 'üü'], /lowerCase\[1\]: "üü" is not a letter/],
  ['half a letter', 'lowerCase', ['\ud83d', 'ü'], /lowerCase\[0\]: .* is not a letter/],
  ['a letter of ASCII', 'lowerCase', ['a', 'b'], /lowerCase: \["a","b"\] is not pairs/],
  ['a page size below 1', 'pageSizes', [[0], [], []], /pageSizes\[0\]\[0\]: 0 /],
  ['page sizes of one list', 'pageSizes', [[1]], /pageSizes: /],
  ['a length that is no number', 'longest', [1, '2'], /longest\[1\]: "2" /],
  ['icons below 0', 'icons', -1, /icons: -1 /],
  ['icons without end', 'icons', 1e300, /icons: 1e\+300 /],
  ['an abbreviation of itself', 'abbreviations', ' AA', /abbreviations: .* stands for itself/],
  [
    'abbreviations in a circle',
    'idAbbreviations',
    '\nABx\nBAx',
    /idAbbreviations: .*stands for itself/,
  ],
  ['an abbreviation twice', 'abbreviations', ' Aab Acd', /abbreviations: .* twice/],
  ['abbreviations that double', 'abbreviations', doubling, /texts: .* written out: too many/],
  ['abbreviations of nothing', 'abbreviations', ' A BAA CBB', /abbreviations: .* or nothing/],
  ['ids abbreviated by nothing', 'idAbbreviations', '\nA', /idAbbreviations: .* or nothing/],
  [
    'as many abbreviations as fit',
    'texts',
    `${small.texts}${'x'.repeat(2000)}`,
    /texts: .* written out: too many/,
    { abbreviations: many },
  ],
  [
    'ids with as many abbreviations as fit',
    'plugins',
    `${small.plugins}${'x'.repeat(2000)}`,
    /plugins: .* written out: too many/,
    { idAbbreviations: many },
  ],
  ['texts without separators', 'texts', '||a', /texts: .* two separators/],
  ['no steps', 'steps', '', /steps\[0\]: "" is not =any/],
  [
    'no step for servers that say none',
    'steps',
    '=any A9A5A0~',
    /steps\[1\]: .* is not =unspecified/,
  ],
  [
    'a step that is a path',
    'steps',
    '=any A9A5A0~=../../x =unspecified',
    /steps\[1\]: .*key of a version/,
  ],
  [
    'steps out of order',
    'steps',
    '=any A9A5A0~ A9A4A0~ =unspecified',
    /steps\[2\]: .* above the one before/,
  ],
  [
    'a step twice',
    'steps',
    '=any A9A5A0~ A9A5A0~ =unspecified',
    /steps\[2\]: .* above the one before/,
  ],
  [
    'a platform that is a path',
    'platforms',
    'default ../../etc',
    /platforms\[1\]: "..\/..\/etc" is not/,
  ],
  [
    'a platform of a prototype',
    'platforms',
    'default __proto__',
    /platforms\[1\]: "__proto__" is not/,
  ],
  [
    'a platform that ends in a path',
    'platforms',
    'default linux-amd64/../..',
    /platforms\[1\]: .* is not a platform/,
  ],
  ['no default platform', 'platforms', 'linux-amd64', /platforms\[0\]: .* is not a platform/],
  [
    'a pattern of a platform more',
    'patterns',
    '(((',
    /patterns\[0\]: "\(\(\(" is not a digit for each/,
  ],
  [
    'a pattern beyond the platforms',
    'patterns',
    '(Z',
    /patterns\[0\]: "\(Z" is not a digit for each/,
  ],
  ['a class beyond the patterns', 'classes', 'Z)', /classes\[0\]: "Z\)" is not a pattern/],
  ['a class beyond the steps', 'classes', '(Z', /classes\[0\]: "\(Z" is not a pattern/],
  ['a class of steps out of order', 'classes', '(*)', /classes\[0\]: .* in order/],
  ['a class of a step twice', 'classes', '())', /classes\[0\]: .* in order/],
  ['a class of three rows', 'classes', '()!)!)', /classes\[0\]: .* one row or four/],
  ['a plugin without releases', 'plugins', '\ncalls', /plugins\[0\]: "" is not a rank and classes/],
  [
    'a plugin beyond the classes',
    'plugins',
    '\ncalls (Z',
    /plugins\[0\]: "\(Z" is not a rank and classes/,
  ],
  [
    'a plugin beyond the ranks',
    'plugins',
    '\ncalls Z(',
    /plugins\[0\]: "Z\(" is not a rank and classes/,
  ],
  [
    'a release beyond the ranks',
    'plugins',
    '\ncalls (#Z(',
    /plugins\[0\]: "\(#Z\(" is not a rank and classes/,
  ],
  ['a plugin in no folder', 'plugins', '\ncalls (( ../..', /plugins\[0\]: .* has no folder/],
  ['a plugin whose id is a path', 'plugins', '\n../calls ((', /plugins\[0\]: .* has no folder/],
  ['a plugin twice', 'plugins', '\ncalls ((\ncalls ((', /plugins\[1\]: .* another plugin/],
  [
    'plugins in one folder',
    'plugins',
    '\ncalls ((\njira (( calls',
    /plugins\[1\]: .* another plugin/,
  ],
  ['plugins with a head', 'plugins', 'x\ncalls ((', /plugins: "x" does not begin/],
  ['too few lists', 'lists', '((', /lists: "\(\(" is not 8 lists/],
  ['a list that is itself', 'lists', Array(8).fill('(').join(' '), /lists\[0\]: "\(" is neither/],
  [
    'lists in a circle',
    'lists',
    `) ( ${Array(6).fill('((').join(' ')}`,
    /lists\[0\]: "\)" is neither/,
  ],
  [
    'a list of a later one',
    'lists',
    `(( * ${Array(6).fill('((').join(' ')}`,
    /lists\[1\]: "\*" is neither/,
  ],
  [
    'a list beyond the kinds',
    'lists',
    Array(8).fill('(Z').join(' '),
    /lists\[0\]: "\(Z" is neither/,
  ],
  [
    'a list one beyond the kinds',
    'lists',
    Array(8)
      .fill(`(${digit(small.kinds.split(' ').length + 1)}`)
      .join(' '),
    /lists\[0\]: .* is neither/,
  ],
  ['half a pair', 'lists', Array(8).fill('(()').join(' '), /lists\[0\]: "\(\(\)" is neither/],
  ['a kind of no axes', 'kinds', 'Z((', /kinds\[0\]: "Z\(\(" does not say/],
];

for (const [what, field, value, expected, others = {}] of hostile) {
  test(`a table with ${what} is refused, by its place`, () => {
    assert.throws(
      () => parse({ ...small, ...others, [field]: value }),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(
          error.message,
          /^snapshot\.json has a routing table that no build writes: build again/,
        );
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}

// `router` as JSON, what is said.
const others: readonly (readonly [string, RegExp])[] = [
  ['null', /router: null /],
  ['[]', /router: \[\] /],
  ['"function handler() {}"', /router: "function handler/],
  [
    '{"version": "x", "table": []}',
    /router\.version: "x" is not a digest[\s\S]*router\.table: \[\] /,
  ],
  ['{"version": "0123456789abcdef"}', /router\.table: nothing /],
  ['{"__proto__": {"version": "0123456789abcdef", "table": {}}}', /router\.version: nothing /],
];

for (const [router, expected] of others) {
  test(`${router} is no router`, () => {
    const given = { id: 'ab', router: JSON.parse(router) };
    assert.throws(() => parseRouter(given, 'snapshot.json'), expected);
  });
}

test('a table without its place, or of an older build, says to build again', () => {
  assert.throws(() => parseRouter({ id: 'ab' }, 'dist/snapshot.json'), {
    name: 'UserError',
    message: 'dist/snapshot.json has no routing table, an older version wrote it: build again',
  });
});

const requests = ['', '9.0.0', '9.5.0-rc2', '99.0.0'].flatMap((version) =>
  ['', '&filter=i', '&plugin_id=Jira', '&return_all_versions=true&page=1&per_page=1'].flatMap(
    (more) =>
      ['false', 'true'].map(
        (cloud) =>
          `/api/v1/plugins?server_version=${version}&platform=linux-amd64&cloud=${cloud}${more}`,
      ),
  ),
);

test('a table that is wrong in thousands of places is told of in twenty', () => {
  const many = ['classes', 'plugins', 'kinds', 'steps'].map((field) => ({
    ...small,
    [field]: ' ~~\n~~ '.repeat(3000),
  }));
  for (const table of many) {
    assert.throws(
      () => parse(table),
      (error: unknown) => error instanceof UserError && error.message.length < 10_000,
    );
  }
});

test('whatever is changed in a table, it is refused or the router answers, and at once', () => {
  const { below, pick } = seededRandom(12);
  const texts = Object.entries(small).flatMap(([name, value]) =>
    typeof value === 'string' && value !== '' ? [name] : [],
  ) as (keyof RoutingTable)[];
  let taken = 0;
  for (let i = 0; i < 4000; i++) {
    const field = pick(texts);
    const text = String(small[field]);
    const at = below(text.length);
    const put = pick(['', ' ', '!', '#', '(', ')', '*', '=', '~', '\n', '/', '..', 'Z', '\uffff']);
    const changed = text.slice(0, at) + put + text.slice(at + pick([0, 1, 3]));
    let table: RoutingTable;
    try {
      table = parse({ ...small, [field]: changed });
    } catch (error) {
      assert.ok(error instanceof UserError, `${field} ${JSON.stringify(changed)}: ${error}`);
      continue;
    }
    taken++;
    const ask = makeRouter(table);
    for (const target of [...requests, '/plugins/calls/', '/icons/1', '/api/v1/labels']) {
      const routed = ask('GET', target);
      const where = `${field} ${JSON.stringify(changed)} ${target}`;
      if ('path' in routed) assert.doesNotMatch(routed.path, /undefined|NaN|\/\.\.?\/|\\/, where);
    }
  }
  assert.ok(taken > 50 && taken < 3900, `${taken} were taken`);
});
