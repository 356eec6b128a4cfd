import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runInNjs, runInNode, skipWithoutNjs } from '../../test/engines/edge-function.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { ask, readReleases } from '../../test/sites/planned-site.ts';
import { bundleCloudFrontFunction, bundleCodeAlone } from '../hosts/bundle-router.ts';
import { EVERYTHING, findPlatforms, findSteps } from '../query/audience/space.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { renderCatalog } from '../query/render-catalog.ts';
import type { Published } from '../site/plan/published.ts';
import { tableEncoder } from '../site/table/encode-table.ts';
import { locate } from './locate.ts';
import type { Plugin } from './members.ts';
import { fileOf, setName } from './name.ts';
import { type Filter, parseFilter } from './request/parse-filter.ts';
import { parseQueryString } from './request/parse-query-string.ts';
import { route } from './route.ts';

function encodeCatalog(entries: readonly object[]) {
  const catalog = indexCatalog(readReleases(entries));
  const platforms = findPlatforms(catalog);
  const { encode } = tableEncoder({
    catalog,
    steps: findSteps(catalog),
    platforms,
    rendered: renderCatalog(catalog, platforms),
    root: '/snapshots/0123/',
    files: 3,
  });
  const pageSizes = { newest: [2, 100], all: [2, 100], search: [2] };
  const tableOf = (published: Partial<Published>) =>
    encode(
      { search: true, allLists: true, pageSizes, ...published },
      { abbreviations: 8, onlyNewest: false },
    );
  return { catalog, table: tableOf({}), tableOf };
}

function release(id: string, version: string, min_server_version: string, fields: object = {}) {
  return { manifest: { id, version, min_server_version, name: id }, ...fields };
}

const JIRA_FOR_LINUX = { download_url: 'https://example.com/jira.tar.gz', signature: 'c2ln' };

const { catalog, table, tableOf } = encodeCatalog([
  release('jira', '4.2.0', '9.5.0', { platforms: { 'linux-amd64': JIRA_FOR_LINUX } }),
  release('jira', '4.1.0', '7.8.0'),
  release('jira', '2.0.6', ''),
  release('zoom', '1.6.0', '5.12.0', { hosting: 'on-prem' }),
  release('zoom', '1.6.0-cloud', '5.12.0', { hosting: 'cloud' }),
  release('msteams', '2.0.3', '9.8.0', { enterprise: true }),
  release('Todo', '0.7.0', '6.5.0'),
]);
const code = await bundleCloudFrontFunction(table);

// [query, file inside api/plugins/, without .json; `empty`: the empty answer]
const ANSWERED: [string, string][] = [
  ['server_version=9.5.3', 'all/9.5.0_default_any_on-prem_latest'],
  ['server_version=9.5.3&platform=linux-amd64', 'all/9.5.0_linux-amd64_any_on-prem_latest'],
  ['server_version=9.5.3&platform=freebsd-amd64', 'all/9.5.0_default_any_on-prem_latest'],
  ['server_version=9.8.0&enterprise_plugins=true', 'all/9.8.0_default_enterprise_on-prem_latest'],
  ['server_version=9.8.0', 'all/9.5.0_default_any_on-prem_latest'],
  ['plugin_id=jira&server_version=9.5.3', 'jira/9.5.0_default_any_any_latest'],
  ['plugin_id=jira&server_version=9.4.99&platform=linux-amd64', 'jira/7.8.0_any_any_any_latest'],
  ['plugin_id=jira&server_version=5.0.0', 'jira/any_any_any_any_latest'],
  ['plugin_id=jira&server_version=9.5.0-rc1', 'jira/7.8.0_any_any_any_latest'],
  ['plugin_id=jira&return_all_versions=true', 'jira/9.5.0_default_any_any_all'],
  ['plugin_id=jira&return_all_versions=true&per_page=2', 'jira/9.5.0_default_any_any_all.0-1'],
  ['plugin_id=jira&return_all_versions=true&per_page=2&page=1', 'jira/any_any_any_any_all.2-2'],
  ['plugin_id=zoom&cloud=true', 'zoom/5.12.0_any_any_cloud_latest'],
  ['plugin_id=Todo', '!todo/6.5.0_any_any_any_latest'],
  ['plugin_id=todo', 'empty'],
  ['plugin_id=jira%20', 'empty'],
  ['server_version=1.0.0', 'jira/any_any_any_any_latest'],
  ['page=7', 'empty'],
  ['per_page=0&page=-1', 'empty'],
  ['page=-1&plugin_id=nope', 'empty'],
  ['page=-1&per_page=-1&plugin_id=jira', 'jira/9.5.0_default_any_any_latest'],
  ['page=9223372036854775807', 'empty'],
  ['filter=JIRA&server_version=9.5.3', 'jira/9.5.0_default_any_any_latest'],
  ['filter=%20j%20', 'jira/9.5.0_default_any_any_latest'],
  ['filter=todo&return_all_versions=true', '!todo/6.5.0_any_any_any_latest'],
  ['filter=o', 'some/!todo_2_9z2fg_6.5.0_any_any_on-prem_latest'],
  ['filter=nothing', 'empty'],
  ['filter=%FF', 'empty'],
  ['page=0&page=7&plugin_id=jira', 'jira/9.5.0_default_any_any_latest'],
  ['page=%zz&page=7', 'empty'],
  ['p%61ge=7', 'empty'],
  ['page=7;&plugin_id=jira', 'jira/9.5.0_default_any_any_latest'],
];

// [parameter that is not valid, values]
const INVALID: [string, string][] = [
  ['page', 'x -1 1%0A 9223372036854775808'],
  ['per_page', '-2 1e1'],
  ['server_version', 'v9.5.0 9.5 9.5.0%0A %FF'],
  ['cloud', 'yes true%0A'],
  ['enterprise_plugins', '2'],
  ['return_all_versions', 'tRue'],
];

// [method and path, query, status, error, parameter]
const REFUSED: [string, string, number, string, string?][] = [
  ...INVALID.flatMap(([name, values]) =>
    values
      .split(' ')
      .map((value): (typeof REFUSED)[number] => [
        ...([
          'GET /api/v1/plugins',
          `${name}=${value}`,
          400,
          `${name} is not valid`,
          name,
        ] as const),
      ]),
  ),
  ['GET /api/v1/plugins', 'per_page=1', 400, 'per_page is not published', 'per_page'],
  [
    'GET /api/v1/plugins',
    'filter=a&enterprise_plugins=1&return_all_versions=1',
    400,
    'filter is not published',
    'filter',
  ],
  ...[
    'GET /api/v1/plugins/',
    'GET /api/v1/Plugins',
    'GET /api/v1/constructor',
    'GET /__proto__',
    'GET /../../etc/passwd',
    'GET /snapshots/0123/api/empty.json',
    'POST /api/v1/nothing',
  ].map((what): (typeof REFUSED)[number] => [what, '', 404, 'no such page']),
  ...['POST /api/v1/plugins', 'DELETE /', 'OPTIONS /api/v1/labels'].map(
    (what): (typeof REFUSED)[number] => [what, '', 405, 'wrong method'],
  ),
];

// Paths of web pages and what these load, each inside `site/`; those that end with / are an `index.html`.
const PAGES =
  '/ /about/ /plugins/ /feed.xml /sitemap.xml /robots.txt /favicon.ico /openapi.json /list.json /files/digest00/1 /files/digest00/3 /plugins/jira/ /plugins/!todo/ /plugins/jira/feed.xml';

// Paths without the slash at the end of a page's, and where that is, relative to them.
const SLASHLESS: readonly (readonly [string, string])[] = [
  ['/about', 'about/'],
  ['/plugins', 'plugins/'],
  ['/plugins/jira', 'jira/'],
  ['/plugins/!todo', '!todo/'],
];

// Paths that are nearly those of a page.
const NO_PAGES = [
  ...'// /index.html /about/index.html /feedXxml /feed.xml/ /feed.xml%0A'.split(' '),
  ...'/catalog /catalog.json/ /catalogXjson /api/catalog.json /api/v1/catalog'.split(' '),
  ...'/api/v1/catalog.json //catalog.json /Catalog.json /catalog.json.gz'.split(' '),
  ...'/site.css /icons/1 /robots.txt/ /favicon.ico%3F /FEED.XML /sitemap.xml.gz'.split(' '),
  ...['', '0', '4', '03', '+3', '3/', '3.svg', '1e0', '99999999999999999999'].map(
    (name) => `/files/digest00/${name}`,
  ),
  ...'/files /files/ /files/digest00 /files/00000000/1 /files/digest0/1 /files/1'.split(' '),
  ...'/plugins// //plugins /about// /plugins/jira/feed.xml/ /plugins/jirafeed.xml'.split(' '),
  ...'/plugins/feed.xml /plugins/nothing /plugins/jira/feed.xml%0A /plugins/feed.xmljira/'.split(
    ' ',
  ),
  ...'/plugins/jira// /plugins/Todo/ /plugins/todo/ /plugins/jir/ /plugins/%6Aira/'.split(' '),
  ...'/plugins/jira%20/ /plugins/undefined/ /plugins/__proto__/ /plugins/../'.split(' '),
  ...['/plugins/jira/index.html', '/plugins/jira/\n', ''],
  // Other spellings of the API.
  ...'/api//v1/plugins /api/v1//plugins /api/v1/./plugins /./api/v1/plugins'.split(' '),
  ...'/x/../api/v1/plugins /api/v1/%70lugins /api%2Fv1/plugins //api/v1/plugins/'.split(' '),
  ...'//about/ //icons/1'.split(' '),
];

/** All of them. */
const PARAMETERS = [
  ...['page', 'per_page', 'filter', 'enterprise_plugins', 'cloud', 'platform', 'plugin_id'],
  ...['return_all_versions', 'server_version'],
];

// Whatever comes, the answer is one of ours.
const HOSTILE = [
  '__proto__=1&constructor=2&hasOwnProperty=3&toString=4&valueOf',
  '__proto__[page]=1&page[]=2&page.x=3',
  'plugin_id=__proto__&platform=constructor',
  'plugin_id=..%2F..%2Fetc&platform=..%2Fx',
  'plugin_id=%0A&platform=%20',
  'plugin_id=%00%C0%80%ED%A0%80&filter=%F0%9F',
  `plugin_id=${'a'.repeat(8000)}`,
  `${'&'.repeat(8000)}`,
  `${'%'.repeat(8000)}=${'%'.repeat(8000)}`,
  `server_version=${'1.'.repeat(4000)}`,
  `server_version=1.2.3-${'a.'.repeat(4000)}`,
  `filter=${'%20'.repeat(2600)}x`,
  `page=${'9'.repeat(8000)}&per_page=${'0'.repeat(8000)}`,
  `${'page=1&'.repeat(1000)}`,
  'per_page=9007199254740993&page=9223372036854775807',
  '=&=&==&===;;;',
  '',
];

const engines = [
  { engine: 'Node', run: runInNode, skip: false as string | false },
  { engine: 'njs', run: runInNjs, skip: skipWithoutNjs },
];

for (const { engine, run, skip } of engines) {
  describe(`The router in ${engine}`, { skip }, () => {
    const answer = (query: string, method = 'GET', path = '/api/v1/plugins') =>
      run(code, [{ method, path, query }])[0] as ReturnType<typeof run>[number];
    const get = (path: string) => ({ method: 'GET', path, query: '' });

    test('finds answers where a person would look for them', () => {
      const files = run(
        code,
        ANSWERED.map(([query]) => ask(query)),
      );
      const expected = ANSWERED.map(([, file]) => ({
        path: `/snapshots/0123/api/${file === 'empty' ? file : `plugins/${file}`}.json`,
      }));
      assert.deepEqual(JSON.parse(JSON.stringify(files)), expected);
    });

    test('refuses what is wrong with a status, the reason and what is allowed', () => {
      const requests = REFUSED.map(([what, query]) => {
        const [method = '', path = ''] = what.split(' ');
        return { method, path, query };
      });
      run(code, requests).forEach((result, i) => {
        const [what, query, ...expected] = REFUSED[i] as (typeof REFUSED)[number];
        const message = `${what}?${query}`;
        assert.ok('statusCode' in result, `answered is ${message}`);
        const isPage = result.body[0] === '<';
        const { error, parameter, allowed } = isPage
          ? { error: 'no such page', parameter: undefined, allowed: 'a link' }
          : JSON.parse(result.body);
        assert.equal(isPage, result.statusCode === 404 && !/ \/+api\//.test(what), message);
        const found = [result.statusCode, error, ...(parameter ? [parameter] : [])];
        assert.deepEqual(found, expected, message);
        assert.ok(allowed.length > 3, message);
        const headers = result.headers as Record<string, { value: string }>;
        assert.equal(headers['content-type']?.value, isPage ? 'text/html' : 'application/json');
        assert.equal(headers['content-security-policy']?.value, "default-src 'self'");
        assert.equal(headers['allow']?.value, 'GET, HEAD');
      });
    });

    test('refuses a page below zero where there is something to cut, however far', () => {
      const pages = '-1 -100 -4503599627370497 -9007199254740993 -9223372036854775808'.split(' ');
      const sizes = [
        ...['', '-1', '0', '1', '2', '3', '100', '9007199254740993', '9223372036854775807'],
      ];
      const others = ['', 'plugin_id=zoom&', 'plugin_id=nobody&', 'filter=o&', 'filter=nobody&'];
      const queries = others.flatMap((other) =>
        sizes.flatMap((size) => pages.map((page) => `${other}per_page=${size}&page=${page}`)),
      );
      run(code, queries.map(ask)).forEach((result, i) => {
        const query = queries[i] as string;
        const isRefused = evaluate(catalog, parseFilter(query) as Filter) === null;
        assert.equal('statusCode' in result, isRefused, `docs/api.md, page: ?${query}`);
        if ('body' in result) assert.equal(JSON.parse(result.body).parameter, 'page', query);
      });
    });

    test('refuses a parameter in two spellings that differ, since an event does not tell which was first', () => {
      const sent = PARAMETERS.flatMap((name) => {
        const other = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
        const last = `${name.slice(0, -1)}%${name.charCodeAt(name.length - 1).toString(16)}`;
        const queries = [
          `${name}=1&${other}=0`,
          `${name}=&${other}=1`,
          `${other}=0&${name}=1&${other}=0`,
          `x=1&${name}=1&%78=2&${other}=0&y`,
          `${other}=1&${last}=0`,
        ];
        const reversed = queries.map((query) => query.split('&').reverse().join('&'));
        return [...queries, ...reversed].map((query) => ({ name, query }));
      });
      run(
        code,
        sent.map(({ query }) => ask(query)),
      ).forEach((result, i) => {
        const { name, query } = sent[i] as (typeof sent)[number];
        assert.ok('statusCode' in result, `invariant 1: answered is ?${query}`);
        assert.equal(result.statusCode, 400);
        const { parameter, allowed } = JSON.parse(result.body);
        assert.equal(parameter, name, query);
        assert.match(allowed, /one spelling/, query);
      });
    });

    test('takes spellings that do not differ, that do not count, or that are of no parameter of ours', () => {
      const expected = answer('plugin_id=jira&cloud=true');
      for (const query of [
        'plugin_id=jira&%70lugin_id=jira&cloud=true',
        'plugin_id=jira&plugin%5fid=zoom;&cloud=true',
        '%70lugin_id=%zz&plugin_id=jira&plugin%5Fid=jira&cloud=t%72ue&%63loud=true',
        'x=1&%78=2&plugin_id=jira&cloud=true',
        'plugin_id=jira&cloud=true&%50lugin_id=zoom&+cloud=x&clou%64+=x',
        'plugin%5Fid=jira&plugin%5Fid=zoom&cloud=true',
      ]) {
        assert.deepEqual(answer(query), expected, query);
      }
    });

    test('answers HEAD as GET, and takes slashes in front of the API, which old servers send', () => {
      assert.deepEqual(answer('', 'HEAD'), answer('', 'GET'));
      for (const name of ['labels', 'health', 'plugins']) {
        const plain = answer('x=1', 'GET', `/api/v1/${name}`);
        if (name !== 'plugins')
          assert.deepEqual({ ...plain }, { path: `/snapshots/0123/api/${name}.json` });
        for (const slashes of ['/', '//']) {
          assert.deepEqual(answer('', 'HEAD', `${slashes}/api/v1/${name}`), plain);
        }
      }
    });

    test('finds the catalog', () => {
      const catalog = { path: '/snapshots/0123/api/catalog.json' };
      for (const method of ['GET', 'HEAD']) {
        assert.deepEqual({ ...answer('x=1', method, '/catalog.json') }, catalog);
      }
      const refused = answer('', 'POST', '/catalog.json');
      assert.equal('statusCode' in refused && refused.statusCode, 405);
    });

    test('finds the web pages and what they are made of, and no others', () => {
      const pages = PAGES.split(' ');
      const found = run(code, pages.map(get)).map((result) => 'path' in result && result.path);
      assert.deepEqual(
        found,
        pages.map((path) => `/snapshots/0123/site${path.replace(/\/$/, '/index.html')}`),
      );
      run(code, NO_PAGES.map(get)).forEach((result, i) => {
        assert.equal('statusCode' in result && result.statusCode, 404, NO_PAGES[i]);
      });
    });

    test('leads to a page whose slash is missing, with the query', () => {
      for (const [path, to] of SLASHLESS) {
        for (const [query, kept] of [
          ['', ''],
          ['a=b%20c&d=&a=2', '?a=b%20c&a=2&d='],
        ] as const) {
          const result = answer(query, 'GET', path);
          assert.ok('statusCode' in result, path);
          const { location } = result.headers as Record<string, { value: string }>;
          assert.deepEqual([result.statusCode, location?.value], [308, to + kept]);
        }
        const posted = answer('', 'POST', path);
        assert.equal('statusCode' in posted && posted.statusCode, 404);
      }
    });

    test('answers or refuses whatever it is sent, and never points outside the snapshot', () => {
      run(code, HOSTILE.map(ask)).forEach((result, i) => {
        if ('path' in result)
          assert.match(result.path, /^\/snapshots\/0123\/api\/[a-z0-9_!/.-]+\.json$/);
        else assert.equal(result.statusCode, 400, HOSTILE[i]?.slice(0, 80));
      });
    });

    test('cuts what it repeats of a request', () => {
      for (const result of [answer(`page=${'x'.repeat(5000)}`), answer('', 'X'.repeat(5000))]) {
        assert.ok('body' in result && result.body.length < 300);
      }
    });
  });
}

// [what the table holds otherwise, whether that makes the code smaller]
const TABLES: [string, Partial<typeof table>, boolean][] = [
  ['pages of every size', { pageSizes: [[], [], []] }, false],
  ['one page size', { pageSizes: [[2], [2], [2]] }, true],
  ['pages that cut nothing', { pageSizes: [[50, 100], [100], [100]] }, true],
  ['whole ids only', { onlyIds: true }, false],
  ['no lists of all versions but the whole', tableOf({ allLists: false }), false],
  ['texts left out', { texts: '|\n\n|msteams|todo|zoom', abbreviations: '' }, false],
  ['no texts', { onlyIds: true, texts: '|\n|||', abbreviations: '' }, true],
  ['little of all', { pageSizes: [[100], [100], [100]], onlyIds: true, texts: '|\n|||' }, true],
];

// What the filters in the next test ask for besides a text and a page size.
const MORE = [
  ...['', '&page=1', '&page=-1', '&plugin_id=jira'],
  ...['&', '&server_version=9.5.0&', '&plugin_id=jira&', '&enterprise_plugins=1&'].map(
    (more) => `${more}return_all_versions=1`,
  ),
];

for (const [what, fields, isSmaller] of TABLES) {
  test(`A bundle for ${what} answers as the router that can do everything`, async () => {
    const changed = { ...table, ...fields };
    const bundle = await bundleCloudFrontFunction(changed);
    const texts = ['', 'jira', 'JIRA', 'o', 'zoom', 'nothing'];
    const sizes = ['', '-1', '0', '1', '2', '50', '100'];
    const queries = texts.flatMap((text) =>
      sizes.flatMap((size) => MORE.map((more) => `filter=${text}&per_page=${size}${more}`)),
    );
    runInNode(bundle, queries.map(ask)).forEach((result, i) => {
      const query = queries[i] as string;
      const routed = route(changed, 'GET', '/api/v1/plugins', parseQueryString(query));
      const found = 'path' in result ? result.path : result.body;
      assert.equal(found, 'path' in routed ? routed.path : routed.body, query);
    });
    const everything = Buffer.byteLength(await bundleCodeAlone(table));
    const own = Buffer.byteLength(await bundleCodeAlone(changed));
    assert.equal(own < everything, isSmaller, `${own} bytes of code, ${everything} for everything`);
  });
}

test('An axis is called any only where the answer is the same with every value of it', () => {
  // Only enterprise servers in the cloud are offered the third plugin, from 6.0.0 on; so nothing changes for the others then.
  const { table } = encodeCatalog([
    release('one', '1.0.0', '6.0.0'),
    release('two', '1.0.0', '6.0.0'),
    release('rare', '1.0.0', '6.0.0', { enterprise: true, hosting: 'cloud' }),
  ]);
  for (const enterprise of [false, true]) {
    for (const cloud of [false, true]) {
      const name = locate(table, { ...EVERYTHING, enterprise, cloud, serverVersion: '9.0.0' });
      assert.ok('folder' in name);
      const audience = enterprise && cloud ? 'enterprise_cloud' : 'any_on-prem';
      assert.equal(fileOf(table, name, ''), `plugins/all/6.0.0_any_${audience}_latest`);
    }
  }
});

/** Plugins in the order of ids, as `setName` takes them. */
const pluginsOf = (count: number) =>
  Array.from({ length: count }, (_, position) => ({ folder: `p${position}`, position }) as Plugin);

// The positions of the plugins in an answer, what its path begins with.
const NAMES: [number[], string][] = [
  [[7], 'p7/'],
  [[0, 1], 'some/p0_2_9z2fe_'],
  [[1, 0], 'some/p1_2_9z5l2_'],
  [[1, 0, 2], 'some/p1_3_vi9xywg_'],
];

test('The path of an answer begins with its only plugin, or with the first, how many they are and a digest', () => {
  const plugins = pluginsOf(8);
  for (const [members, name] of NAMES) {
    assert.equal(setName(members.map((position) => plugins[position] as Plugin)), name);
  }
});

for (const seed of seeds(1)) {
  test(`No two of many sets are named alike, however many plugins there are, and no name is long (SEED=${seed})`, () => {
    const random = seededRandom(seed);
    for (const plugins of [pluginsOf(130), pluginsOf(2000)]) {
      const sets = new Map<string, string>();
      for (let i = 0; i < 1000; i++) {
        const isIn = plugins.map(() => random.chance(0.5));
        const changed = random.below(plugins.length);
        for (const set of [isIn, isIn.map((is, at) => (at === changed ? !is : is))]) {
          const key = set.join();
          const name = setName(plugins.filter((_, at) => set[at]));
          assert.equal(sets.get(name) ?? key, key, name);
          assert.ok(name.length <= 'some/p1999_2000_12345678_'.length, name);
          sets.set(name, key);
        }
      }
    }
  });
}
