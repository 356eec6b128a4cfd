import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runInNjs, runInNode, skipWithoutNjs } from '../../test/engines/edge-function.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { bundleCloudFrontFunction } from '../hosts/bundle-router.ts';
import { findColumns, findPlatforms } from '../query/audience/space.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { renderCatalog } from '../query/render-catalog.ts';
import { packRoutingTable } from '../site/table/pack-routing-table.ts';
import { type Filter, parseFilter } from './request/parse-filter.ts';

const catalog = indexCatalog(
  parseCatalog(
    JSON.stringify([
      release('jira', '4.2.0', '9.5.0', { platforms: { 'linux-amd64': bundle('jira-linux') } }),
      release('jira', '4.1.0', '7.8.0'),
      release('jira', '2.0.6', ''),
      release('zoom', '1.6.0', '5.12.0', { hosting: 'on-prem' }),
      release('zoom', '1.6.0-cloud', '5.12.0', { hosting: 'cloud' }),
      release('msteams', '2.0.3', '9.8.0', { enterprise: true }),
      release('Todo', '0.7.0', '6.5.0'),
    ]),
    'test.json',
  ).releases,
);
const columns = findColumns(catalog);
const platforms = findPlatforms(catalog);
const table = packRoutingTable({
  catalog,
  columns,
  platforms,
  rendered: renderCatalog(catalog, platforms),
  published: { search: true, pageSizes: { newest: [2, 100], all: [2, 100], search: [2] } },
  texts: { abbreviations: 8, onlyNewest: false },
  root: '/snapshots/0123/',
  icons: 3,
});
const code = await bundleCloudFrontFunction(table);

function release(id: string, version: string, min_server_version: string, fields: object = {}) {
  return { manifest: { id, version, min_server_version, name: id }, ...fields };
}

function bundle(name: string) {
  return { download_url: `https://example.com/${name}.tar.gz`, signature: 'c2ln' };
}

const engines = [
  { engine: 'Node', run: runInNode, skip: false as string | false },
  { engine: 'njs', run: runInNjs, skip: skipWithoutNjs },
];

// [query, path inside the snapshot]
const PLACES: [string, string][] = [
  ['server_version=9.5.3', 'api/plugins/all/9.5.0/default/any/on-prem/latest.json'],
  [
    'server_version=9.5.3&platform=linux-amd64',
    'api/plugins/all/9.5.0/linux-amd64/any/on-prem/latest.json',
  ],
  [
    'server_version=9.5.3&platform=freebsd-amd64',
    'api/plugins/all/9.5.0/default/any/on-prem/latest.json',
  ],
  [
    'server_version=9.8.0&enterprise_plugins=true',
    'api/plugins/all/9.8.0/default/enterprise/on-prem/latest.json',
  ],
  ['server_version=9.8.0', 'api/plugins/all/9.5.0/default/any/on-prem/latest.json'],
  ['plugin_id=jira&server_version=9.5.3', 'api/plugins/jira/9.5.0/default/any/any/latest.json'],
  [
    'plugin_id=jira&server_version=9.4.99&platform=linux-amd64',
    'api/plugins/jira/7.8.0/any/any/any/latest.json',
  ],
  ['plugin_id=jira&server_version=5.0.0', 'api/plugins/jira/any/any/any/any/latest.json'],
  ['plugin_id=jira&server_version=9.5.0-rc1', 'api/plugins/jira/7.8.0/any/any/any/latest.json'],
  ['plugin_id=jira&return_all_versions=true', 'api/plugins/jira/9.5.0/default/any/any/all.json'],
  [
    'plugin_id=jira&return_all_versions=true&per_page=2',
    'api/plugins/jira/9.5.0/default/any/any/all.0-1.json',
  ],
  [
    'plugin_id=jira&return_all_versions=true&per_page=2&page=1',
    'api/plugins/jira/any/any/any/any/all.2-2.json',
  ],
  ['plugin_id=zoom&cloud=true', 'api/plugins/zoom/5.12.0/any/any/cloud/latest.json'],
  ['plugin_id=Todo', 'api/plugins/!todo/6.5.0/any/any/any/latest.json'],
  ['plugin_id=todo', 'api/empty.json'],
  ['plugin_id=jira%20', 'api/empty.json'],
  ['server_version=1.0.0', 'api/plugins/jira/any/any/any/any/latest.json'],
  ['page=7', 'api/empty.json'],
  ['per_page=0&page=-1', 'api/empty.json'],
  ['page=-1&plugin_id=nope', 'api/empty.json'],
  ['page=-1&per_page=-1&plugin_id=jira', 'api/plugins/jira/9.5.0/default/any/any/latest.json'],
  ['page=9223372036854775807', 'api/empty.json'],
  ['filter=JIRA&server_version=9.5.3', 'api/plugins/jira/9.5.0/default/any/any/latest.json'],
  ['filter=%20j%20', 'api/plugins/jira/9.5.0/default/any/any/latest.json'],
  ['filter=todo&return_all_versions=true', 'api/plugins/!todo/6.5.0/any/any/any/latest.json'],
  ['filter=o', 'api/plugins/!todo!!zoom/6.5.0/any/any/on-prem/latest.json'],
  ['filter=nothing', 'api/empty.json'],
  ['filter=%FF', 'api/empty.json'],
  ['page=0&page=7&plugin_id=jira', 'api/plugins/jira/9.5.0/default/any/any/latest.json'],
  ['page=%zz&page=7', 'api/empty.json'],
  ['p%61ge=7', 'api/empty.json'],
  ['page=7;&plugin_id=jira', 'api/plugins/jira/9.5.0/default/any/any/latest.json'],
];

// [path, path inside the snapshot]
const PAGES: [string, string][] = [
  ['/', 'site/index.html'],
  ['/about/', 'site/about/index.html'],
  ['/feed.xml', 'site/feed.xml'],
  ['/openapi.json', 'site/openapi.json'],
  ['/site.css', 'site/site.css'],
  ['/site.js', 'site/site.js'],
  ['/icons/1', 'site/icons/1'],
  ['/icons/3', 'site/icons/3'],
  ['/plugins/jira/', 'site/plugins/jira/index.html'],
  ['/plugins/!todo/', 'site/plugins/!todo/index.html'],
];

// Paths that are nearly those of a page.
const NO_PAGES = [
  ...[
    '',
    '//',
    '/index.html',
    '/about',
    '/about/index.html',
    '/feedXxml',
    '/feed.xml/',
    '/feed.xml%0A',
  ],
  ...['/site.', '/site.html', '/site/site.css', '/site.css%3F', '/SITE.CSS'],
  ...[
    '/icons/',
    '/icons/0',
    '/icons/4',
    '/icons/03',
    '/icons/+3',
    '/icons/3/',
    '/icons/3.svg',
    '/icons/1e0',
  ],
  ...[
    '/icons/99999999999999999999',
    '/plugins/',
    '/plugins',
    '/plugins/jira',
    '/plugins//',
    '/plugins/jira//',
  ],
  ...['/plugins/Todo/', '/plugins/todo/', '/plugins/jir/', '/plugins/%6Aira/', '/plugins/jira%20/'],
  ...['/plugins/undefined/', '/plugins/__proto__/', '/plugins/../', '/plugins/jira/index.html'],
  '/plugins/jira/\n',
];

// [method, path, query, status, error, parameter]
const REFUSED: [string, string, string, number, string, string?][] = [
  ['GET', '/api/v1/plugins', 'page=x', 400, 'page is not valid', 'page'],
  ['GET', '/api/v1/plugins', 'page=-1', 400, 'page is not valid', 'page'],
  ['GET', '/api/v1/plugins', 'page=1%0A', 400, 'page is not valid', 'page'],
  ['GET', '/api/v1/plugins', 'page=9223372036854775808', 400, 'page is not valid', 'page'],
  ['GET', '/api/v1/plugins', 'per_page=-2', 400, 'per_page is not valid', 'per_page'],
  ['GET', '/api/v1/plugins', 'per_page=1e1', 400, 'per_page is not valid', 'per_page'],
  ['GET', '/api/v1/plugins', 'per_page=1', 400, 'per_page is not published', 'per_page'],
  [
    'GET',
    '/api/v1/plugins',
    'server_version=v9.5.0',
    400,
    'server_version is not valid',
    'server_version',
  ],
  [
    'GET',
    '/api/v1/plugins',
    'server_version=9.5',
    400,
    'server_version is not valid',
    'server_version',
  ],
  [
    'GET',
    '/api/v1/plugins',
    'server_version=9.5.0%0A',
    400,
    'server_version is not valid',
    'server_version',
  ],
  [
    'GET',
    '/api/v1/plugins',
    'server_version=%FF',
    400,
    'server_version is not valid',
    'server_version',
  ],
  ['GET', '/api/v1/plugins', 'cloud=yes', 400, 'cloud is not valid', 'cloud'],
  ['GET', '/api/v1/plugins', 'cloud=true%0A', 400, 'cloud is not valid', 'cloud'],
  [
    'GET',
    '/api/v1/plugins',
    'enterprise_plugins=2',
    400,
    'enterprise_plugins is not valid',
    'enterprise_plugins',
  ],
  [
    'GET',
    '/api/v1/plugins',
    'return_all_versions=tRue',
    400,
    'return_all_versions is not valid',
    'return_all_versions',
  ],
  [
    'GET',
    '/api/v1/plugins',
    'filter=a&enterprise_plugins=1&return_all_versions=1',
    400,
    'filter is not published',
    'filter',
  ],
  ['GET', '/api/v1/plugins/', '', 404, 'no such page'],
  ['GET', '/api/v1/Plugins', '', 404, 'no such page'],
  ['GET', '/api/v1/constructor', '', 404, 'no such page'],
  ['GET', '/__proto__', '', 404, 'no such page'],
  ['GET', '/../../etc/passwd', '', 404, 'no such page'],
  ['GET', '/snapshots/0123/api/empty.json', '', 404, 'no such page'],
  ['POST', '/api/v1/nothing', '', 404, 'no such page'],
  ['POST', '/api/v1/plugins', '', 405, 'wrong method'],
  ['DELETE', '/', '', 405, 'wrong method'],
  ['OPTIONS', '/api/v1/labels', '', 405, 'wrong method'],
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

for (const { engine, run, skip } of engines) {
  describe(`The router in ${engine}`, { skip }, () => {
    const ask = (query: string, method = 'GET', path = '/api/v1/plugins') =>
      run(code, [{ method, path, query }])[0];

    test('finds answers where a person would look for them', () => {
      const results = run(
        code,
        PLACES.map(([query]) => ({ method: 'GET', path: '/api/v1/plugins', query })),
      );
      PLACES.forEach(([query, place], i) => {
        assert.deepEqual(results[i], { path: `/snapshots/0123/${place}` }, `?${query}`);
      });
    });

    test('refuses what is wrong with a status, the reason and what is allowed', () => {
      const requests = REFUSED.map(([method, path, query]) => ({ method, path, query }));
      const results = run(code, requests);
      REFUSED.forEach(([method, path, query, status, error, parameter], i) => {
        const result = results[i];
        assert.ok(result && 'statusCode' in result, `${method} ${path}?${query} was answered`);
        assert.equal(result.statusCode, status, `${method} ${path}?${query}`);
        const body = JSON.parse(result.body);
        assert.equal(body.error, error, `${method} ${path}?${query}`);
        assert.equal(body.parameter, parameter, `${method} ${path}?${query}`);
        assert.ok(body.allowed.length > 3, `${method} ${path}?${query}`);
        const headers = result.headers as Record<string, { value: string }>;
        assert.equal(headers['content-type']?.value, 'application/json');
        assert.equal(headers['allow']?.value, 'GET, HEAD');
      });
    });

    test('refuses a page below zero where there is something to cut, however far', () => {
      const pages = [
        '-1',
        '-100',
        '-4503599627370497',
        '-9007199254740993',
        '-9223372036854775808',
      ];
      const sizes = [
        '',
        '-1',
        '0',
        '1',
        '2',
        '3',
        '100',
        '9007199254740993',
        '9223372036854775807',
      ];
      const others = ['', 'plugin_id=zoom&', 'plugin_id=nobody&', 'filter=o&', 'filter=nobody&'];
      const queries = others.flatMap((other) =>
        sizes.flatMap((size) => pages.map((page) => `${other}per_page=${size}&page=${page}`)),
      );
      run(
        code,
        queries.map((query) => ({ method: 'GET', path: '/api/v1/plugins', query })),
      ).forEach((result, i) => {
        const query = queries[i] as string;
        const isRefused = evaluate(catalog, parseFilter(query) as Filter) === null;
        assert.equal('statusCode' in result, isRefused, `API.md, page: ?${query}`);
        if ('body' in result) assert.equal(JSON.parse(result.body).parameter, 'page', query);
      });
    });

    test('refuses a parameter in two spellings that differ, since an event does not tell which was first', () => {
      for (const name of PARAMETERS) {
        const other = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
        const last = `${name.slice(0, -1)}%${name.charCodeAt(name.length - 1).toString(16)}`;
        const queries = [
          `${name}=1&${other}=0`,
          `${name}=&${other}=1`,
          `${other}=0&${name}=1&${other}=0`,
          `x=1&${name}=1&%78=2&${other}=0&y`,
          `${other}=1&${last}=0`,
        ];
        for (const query of queries) {
          for (const sent of [query, query.split('&').reverse().join('&')]) {
            const result = ask(sent);
            assert.ok(result && 'statusCode' in result, `invariant 1: answered is ?${sent}`);
            assert.equal(result.statusCode, 400);
            const { parameter, allowed } = JSON.parse(result.body);
            assert.equal(parameter, name, sent);
            assert.match(allowed, /one spelling/, sent);
          }
        }
      }
    });

    test('takes spellings that do not differ, that do not count, or that are of no parameter of ours', () => {
      const expected = ask('plugin_id=jira&cloud=true');
      for (const query of [
        'plugin_id=jira&%70lugin_id=jira&cloud=true',
        'plugin_id=jira&plugin%5fid=zoom;&cloud=true',
        '%70lugin_id=%zz&plugin_id=jira&plugin%5Fid=jira&cloud=t%72ue&%63loud=true',
        'x=1&%78=2&plugin_id=jira&cloud=true',
        'plugin_id=jira&cloud=true&%50lugin_id=zoom&+cloud=x&clou%64+=x',
        'plugin%5Fid=jira&plugin%5Fid=zoom&cloud=true',
      ]) {
        assert.deepEqual(ask(query), expected, query);
      }
    });

    test('takes slashes in front of the API, which old servers send, and no other spelling of a path', () => {
      const slashes = ['/', '//', '///'];
      for (const name of ['plugins', 'labels', 'health']) {
        const results = slashes.map((each) => ask('', 'GET', `${each}api/v1/${name}`));
        assert.ok(results[0] && 'path' in results[0]);
        for (const result of results) assert.deepEqual(result, results[0]);
      }
      for (const path of [
        '/api//v1/plugins',
        '/api/v1//plugins',
        '/api/v1/./plugins',
        '/./api/v1/plugins',
        '/x/../api/v1/plugins',
        '/api/v1/%70lugins',
        '/api%2Fv1/plugins',
        '//api/v1/plugins/',
        '//about/',
        '//icons/1',
        '//',
      ]) {
        const result = ask('', 'GET', path);
        assert.equal(result && 'statusCode' in result && result.statusCode, 404, path);
      }
    });

    test('answers HEAD as GET, and knows the other routes', () => {
      assert.deepEqual(ask('', 'HEAD'), ask('', 'GET'));
      assert.deepEqual(ask('x=1', 'GET', '/api/v1/labels'), {
        path: '/snapshots/0123/api/labels.json',
      });
      assert.deepEqual(ask('', 'HEAD', '/api/v1/health'), {
        path: '/snapshots/0123/api/health.json',
      });
    });

    test('finds the pages and what they are made of, and no others', () => {
      const get = (path: string) => ({ method: 'GET', path, query: '' });
      const found = run(
        code,
        PAGES.map(([path]) => get(path)),
      );
      PAGES.forEach(([path, place], i) => {
        assert.deepEqual(found[i], { path: `/snapshots/0123/${place}` }, path);
      });
      const refused = run(code, NO_PAGES.map(get));
      NO_PAGES.forEach((path, i) => {
        const result = refused[i];
        assert.ok(result && 'statusCode' in result, `${path} was answered`);
        assert.equal(result.statusCode, 404, path);
      });
    });

    test('answers or refuses whatever it is sent, and never points outside the snapshot', () => {
      const results = run(
        code,
        HOSTILE.map((query) => ({ method: 'GET', path: '/api/v1/plugins', query })),
      );
      HOSTILE.forEach((query, i) => {
        const result = results[i];
        assert.ok(result, query.slice(0, 80));
        if ('path' in result)
          assert.match(result.path, /^\/snapshots\/0123\/api\/[a-z0-9!/.-]+\.json$/);
        else assert.equal(result.statusCode, 400, query.slice(0, 80));
      });
    });

    test('cuts what it repeats of a request', () => {
      const result = ask(`page=${'x'.repeat(5000)}`);
      assert.ok(result && 'body' in result && result.body.length < 300);
      const post = ask('', 'X'.repeat(5000));
      assert.ok(post && 'body' in post && post.body.length < 300);
    });
  });
}
