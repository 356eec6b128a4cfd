import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../test/random.ts';
import { hostileReleases } from '../../../test/samples/hostile-catalog.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import { UserError } from '../../lib/errors.ts';
import { digit } from '../../router/table/encoding.ts';
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

// Server versions that are too long for a file's name, or differ in capitals only.
const oddSteps = parseCatalog(
  JSON.stringify(
    [`9.5.0-${'a.'.repeat(120)}a`, '9.6.0-RC1', '9.6.0-rc1'].map((min_server_version, i) =>
      release('calls', `1.${i}.0`, {}, { min_server_version }),
    ),
  ),
  'a.json',
).releases;

test('the tables of builds are accepted: small, empty, hostile, with odd steps, and that of the shipped catalog', async () => {
  const shipped = (await readCatalog(['plugins.json'], { cwd: process.cwd() })).releases;
  for (const table of [
    small,
    ...(await Promise.all([[], hostileReleases(), shipped, oddSteps].map(tableOf))),
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

// A field of the table, its wrong value, the error message; other fields.
const hostile: readonly (readonly [string, unknown, RegExp, object?])[] = [
  ['root', '/snapshots/../etc/', /router\.table\.root: .* is not \/snapshots\//],
  ['steps', 7, /router\.table\.steps: 7 invalid input: expected string/],
  ['plugins', ['a'], /router\.table\.plugins: \["a"\] /],
  ['texts', null, /router\.table\.texts: null /],
  ['kinds', undefined, /router\.table\.kinds: nothing /],
  ['constructor', {}, /router\.table: .*unrecognized key: "constructor"/],
  ['classes', '('.repeat(2 ** 20 + 1), /classes: .* longer than a million/],
  ['abbreviations', 'x'.repeat(9000), /abbreviations: .* is longer than all/],
  ['lowerCase', Array(4002).fill('ü'), /lowerCase: .* <=4000/],
  ['lowerCase', ['Ü'], /lowerCase: .* is not pairs of a letter/],
  ['lowerCase', ['Ü', 'üü'], /lowerCase\[1\]: "üü" is not a letter/],
  ['lowerCase', ['\ud83d', 'ü'], /lowerCase\[0\]: .* is not a letter/],
  ['lowerCase', ['a', 'b'], /lowerCase: \["a","b"\] is not pairs/],
  ['pageSizes', [[0], [], []], /pageSizes\[0\]\[0\]: 0 /],
  ['pageSizes', [[1]], /pageSizes: /],
  ['longest', [1, '2'], /longest\[1\]: "2" /],
  ['files', -1, /files: -1 /],
  ['files', 1e300, /files: 1e\+300 /],
  ['digest', '../../00', /digest: .* is not a digest/],
  ['abbreviations', ' AA', /abbreviations: .* expands to itself/],
  ['idAbbreviations', '\nABx\nBAx', /idAbbreviations: .*expands to itself/],
  ['abbreviations', ' Aab Acd', /abbreviations: .* twice/],
  ['abbreviations', doubling, /texts: .* to expand: too many/],
  ['abbreviations', ' A BAA CBB', /abbreviations: .* or nothing/],
  ['idAbbreviations', '\nA', /idAbbreviations: .* or nothing/],
  [
    'texts',
    `${small.texts}${'x'.repeat(2000)}`,
    /texts: .* to expand: too many/,
    { abbreviations: many },
  ],
  [
    'plugins',
    `${small.plugins}${'x'.repeat(2000)}`,
    /plugins: .* to expand: too many/,
    { idAbbreviations: many },
  ],
  ['texts', '||a', /texts: .* two separators/],
  ['steps', '', /steps\[0\]: "" is not =any/],
  ['steps', '=any A9A5A0~', /steps\[1\]: .* is not =unspecified/],
  ['steps', '=any A9A5A0~=../../x =unspecified', /steps\[1\]: .*key of a version/],
  ['steps', '=any A9A5A0~ A9A4A0~ =unspecified', /steps\[2\]: .* above the one before/],
  ['steps', '=any A9A5A0~ A9A5A0~ =unspecified', /steps\[2\]: .* above the one before/],
  ['platforms', 'default ../../etc', /platforms\[1\]: "..\/..\/etc" is not/],
  ['platforms', 'default __proto__', /platforms\[1\]: "__proto__" is not/],
  ['platforms', 'default linux-amd64/../..', /platforms\[1\]: .* is not a platform/],
  ['platforms', 'linux-amd64', /platforms\[0\]: .* is not a platform/],
  ['patterns', '(((', /patterns\[0\]: "\(\(\(" is not a digit for each/],
  ['patterns', '(Z', /patterns\[0\]: "\(Z" is not a digit for each/],
  ['classes', 'Z)', /classes\[0\]: "Z\)" is not a pattern/],
  ['classes', '(Z', /classes\[0\]: "\(Z" is not a pattern/],
  ['classes', '(*)', /classes\[0\]: .* in order/],
  ['classes', '())', /classes\[0\]: .* in order/],
  ['classes', '()!)!)', /classes\[0\]: .* one row or four/],
  ['plugins', '\ncalls', /plugins\[0\]: "" is not a rank and classes/],
  ['plugins', '\ncalls (Z', /plugins\[0\]: "\(Z" is not a rank and classes/],
  ['plugins', '\ncalls Z(', /plugins\[0\]: "Z\(" is not a rank and classes/],
  ['plugins', '\ncalls (#Z(', /plugins\[0\]: "\(#Z\(" is not a rank and classes/],
  ['plugins', '\ncalls (( ../..', /plugins\[0\]: .* has no folder/],
  ['plugins', '\n../calls ((', /plugins\[0\]: .* has no folder/],
  ['plugins', '\ncalls ((\ncalls ((', /plugins\[1\]: .* another plugin/],
  ['plugins', '\ncalls ((\njira (( calls', /plugins\[1\]: .* another plugin/],
  ['plugins', 'x\ncalls ((', /plugins: "x" does not begin/],
  ['lists', '((', /lists: "\(\(" is not 8 lists/],
  ['lists', Array(8).fill('(').join(' '), /lists\[0\]: "\(" is neither/],
  ['lists', `) ( ${Array(6).fill('((').join(' ')}`, /lists\[0\]: "\)" is neither/],
  ['lists', `(( * ${Array(6).fill('((').join(' ')}`, /lists\[1\]: "\*" is neither/],
  ['lists', Array(8).fill('(Z').join(' '), /lists\[0\]: "\(Z" is neither/],
  [
    'lists',
    Array(8)
      .fill(`(${digit(small.kinds.split(' ').length + 1)}`)
      .join(' '),
    /lists\[0\]: .* is neither/,
  ],
  ['lists', Array(8).fill('(()').join(' '), /lists\[0\]: "\(\(\)" is neither/],
  ['kinds', 'Z((', /kinds\[0\]: "Z\(\(" does not state/],
];

for (const [field, value, expected, others = {}] of hostile) {
  test(`a table is refused with ${field} ${JSON.stringify(value)?.slice(0, 80)}`, () => {
    const headline = 'snapshot.json has a routing table that no build writes: build again';
    assert.throws(
      () => parse({ ...small, ...others, [field]: value }),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.equal(error.headline, headline);
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}

test('a table of CloudFront alone is checked like that of the other hosts', () => {
  const parseBoth = (cloudFront: unknown) =>
    parseRouter({ id: ID_PLACEHOLDER, router: { version, table: small, cloudFront } }, 'a.json');
  assert.deepEqual(parseBoth(small).cloudFront, small);
  assert.throws(() => parseBoth({ ...small, root: '/' }), /a\.json router\.cloudFront\.root: "\/"/);
  assert.throws(() => parseBoth({ ...small, steps: 'x' }), /a\.json router\.cloudFront\.steps/);
  assert.throws(() => parseBoth({}), /a\.json router\.cloudFront/);
});

// What CloudFront's table is changed to, the error message.
const damaged: readonly (readonly [object, RegExp])[] = [
  [{ blocks: 0 }, /router\.cloudFront\.blocks: 0 .*>=1/],
  [{ blocks: 1.5 }, /router\.cloudFront\.blocks: 1\.5 /],
  [{ blocks: '8' }, /router\.cloudFront\.blocks: "8" .*expected number/],
  [{ block: 8 }, /router\.cloudFront: .*unrecognized key: "block"/],
  [{ blocks: 8, plugins: 7 }, /router\.cloudFront\.plugins: 7 .*expected string/],
  [{ blocks: 8, kinds: 'Z((' }, /router\.cloudFront\.kinds\[0\]: "Z\(\("/],
  [{ blocks: 8, root: '/snapshots/0/' }, /router\.cloudFront\.root: .* is not \/snapshots\//],
];

for (const [change, expected] of damaged) {
  test(`a table of CloudFront with ${JSON.stringify(change)} is refused`, () => {
    const router = { version, table: small, cloudFront: { ...small, ...change } };
    assert.throws(
      () => parseRouter({ id: ID_PLACEHOLDER, router }, 'a.json'),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        for (const { path } of error.problems) assert.match(path ?? '', /^router\.cloudFront/);
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}

// `router` as JSON, the error message.
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
  test(`the router ${router} is refused`, () => {
    const given = { id: 'ab', router: JSON.parse(router) };
    assert.throws(() => parseRouter(given, 'snapshot.json'), expected);
  });
}

test('a manifest of an older build has no table: the error advises to build again', () => {
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

test('of thousands of problems in a table, twenty are reported', () => {
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

test('any change of a table is refused, or the router answers with it', () => {
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
    for (const target of [...requests, '/plugins/calls/', '/favicon.ico', '/api/v1/labels']) {
      const routed = ask('GET', target);
      const where = `${field} ${JSON.stringify(changed)} ${target}`;
      if ('path' in routed) assert.doesNotMatch(routed.path, /undefined|NaN|\/\.\.?\/|\\/, where);
    }
  }
  assert.ok(taken > 50 && taken < 3900, `${taken} were taken`);
});
