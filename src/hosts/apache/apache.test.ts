import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { requestMix } from '../../../build/bench/inputs/server-requests.ts';
import { copyBuild, skipWithoutApache, startApache } from '../../../test/engines/apache.ts';
import { makeServer } from '../../../test/engines/mattermost-server.ts';
import { seededRandom } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { builtSite } from '../../../test/sites/built-site.ts';
import { readReleases } from '../../../test/sites/planned-site.ts';
import type { Release } from '../../catalog/release.ts';
import { parseQueryString, splitTarget } from '../../router/request/parse-query-string.ts';
import { route } from '../../router/route.ts';
import type { PlanOptions } from '../../site/plan/plan-site.ts';
import { readSnapshot } from '../../snapshot/read-snapshot.ts';
import { send } from '../embedded/fixture-client.ts';
import { waitForSnapshot } from '../nginx/process/served-snapshot.ts';

const skip = skipWithoutApache;

const PLUGINS = '/api/v1/plugins';

const BARE = { search: false, everyPageSize: false, allLists: false, pageSizes: [100] };

/** A build, Apache that serves it, and what the build's router answers. */
async function serve(
  t: TestContext,
  releases: readonly Release[],
  settings: Partial<PlanOptions> = {},
  change?: (host: string) => string,
) {
  const site = await builtSite(releases, 'off', { ...settings, hosts: ['apache'] });
  t.after(site.remove);
  const apache = await startApache(site.out, change);
  t.after(apache.stop);
  const { snapshot } = await readSnapshot(site.out);
  const routed = async (target: string) => {
    const sent = splitTarget(target);
    const { table } = snapshot.router;
    const result = route(table, 'GET', sent.path, parseQueryString(sent.query));
    if (!('path' in result)) return { status: result.status, body: result.body };
    return { status: 200, body: await readFile(path.join(site.out, result.path), 'utf8') };
  };
  return { ...apache, site, routed };
}

type Served = Awaited<ReturnType<typeof serve>>;

/** What is wrong: other answers than the router's, and refusals of what the router answers. */
async function compare(t: TestContext, { url, routed }: Served, targets: readonly string[]) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  t.after(() => agent.destroy());
  const wrong: string[] = [];
  const refused: string[] = [];
  const asked = targets.map(async (target) => {
    const { status, body } = await send(url, { path: target, agent });
    const wanted = await routed(target);
    if (status === 400 && wanted.status === 200) refused.push(target);
    else if (status !== wanted.status) wrong.push(`${target}: ${status}, not ${wanted.status}`);
    else if (status === 200 && body.toString() !== wanted.body) wrong.push(`${target}: the body`);
  });
  await Promise.all(asked);
  return { wrong, refused };
}

const FROM_A_SERVER =
  'build_enterprise_ready=true&cloud=false&enterprise_plugins=true&filter=&local_only=false&page=0&platform=linux-amd64&plugin_id=&remote_only=false&return_all_versions=false&server_version=10.5.1';

const entryOf = (id: string, version: string, server: string) => ({
  download_url: `https://example.com/${id}-${version}.tar.gz`,
  signature: 'c2lnbmF0dXJl',
  manifest: { id, name: id, version, min_server_version: server },
});

/** More releases than a page has, of one plugin and in all, and more steps than fit into a line of a map. */
const LARGE = readReleases([
  ...Array.from({ length: 130 }, (_, i) => entryOf(`plugin-${i}`, '1.0.0', `${5 + (i % 4)}.0.0`)),
  ...Array.from({ length: 330 }, (_, i) => entryOf('plugin', `1.${i}.0`, `5.${i}.0-rc1`)),
]);

describe('Apache', { skip }, () => {
  test('answers pages, and plugins with more steps than a line of its map holds', async (t) => {
    const served = await serve(t, LARGE, BARE);
    const file = path.join(served.root, `marketplace/edge/apache-${served.site.id}.txt`);
    assert.match(await readFile(file, 'utf8'), /^plugin=\/true\/\/\+1 /m);
    const subjects = ['return_all_versions=true&plugin_id=plugin', 'plugin_id=plugin-129'];
    const targets = [...subjects, 'plugin_id=', 'filter=plugin', 'filter=PLUGIN-7'].flatMap(
      (subject) =>
        ['', '0.0.0', '5.0.0-rc1', '5.9.9', '5.100.0-rc1', '5.328.7', '8.0.0-0', '99.0.0'].flatMap(
          (version) =>
            ['', '&page=0', '&page=1', '&page=2', '&page=9', '&per_page=-1&page=7'].map(
              (page) => `${PLUGINS}?${subject}&server_version=${version}${page}`,
            ),
        ),
    );
    assert.deepEqual(await compare(t, served, targets), { wrong: [], refused: [] });
  });

  test('answers the whole of all versions, over which other marketplaces are laid, and no other', async (t) => {
    const served = await serve(t, LARGE, BARE);
    const whole = `${PLUGINS}?per_page=-1&return_all_versions=true&enterprise_plugins=true`;
    const { wrong, refused } = await compare(t, served, [whole, `${whole}&cloud=1&platform=`]);
    assert.deepEqual([...wrong, ...refused], []);
    const others = ['&platform=linux-amd64', '&server_version=7.0.0', '&page=1x'];
    for (const other of others) {
      const { status } = await send(served.url + whole + other);
      assert.equal(status, 400, other);
    }
  });

  test('answers the requests of the benchmarks', async (t) => {
    const served = await serve(t, randomCatalog(seededRandom(3)));
    const targets = requestMix(['todo', 'Todo', 'X_bot', 'com.example.calls', 'nobody']);
    assert.deepEqual(await compare(t, served, targets), { wrong: [], refused: [] });
  });

  // What is read in another way by other parts of Apache, or by another server; how it is answered.
  const TRAPS: readonly (readonly [string, number])[] = [
    ['?page=0&page=x', 400],
    ['?PAGE=x', 400],
    ['?%70age=1', 400],
    ['?page', 400],
    ['?page=0;page=1', 400],
    ['?xpage=1&page=', 200],
    ['?plugin_id=todo|x', 400],
    ['?plugin_id=a/b', 400],
    ['?plugin_id==', 400],
    ['?plugin_id=$1', 400],
    ['?plugin_id=%7Bx%7D', 400],
    ['?plugin_id=todo&filter=todo', 400],
    ['?filter=nobody-is-called-so', 400],
    ['?server_version=10.5.1+x', 400],
    ['?server_version=10.5', 400],
    ['?server_version=010.5.1', 400],
    ['?server_version=10.5.1%2B', 400],
    ['?server_version=99999999999999999999.0.0', 400],
    [`?${'a=b&'.repeat(31)}`, 200],
    [`?${'a=b&'.repeat(32)}`, 400],
    [`?a=${'b'.repeat(257)}`, 400],
    [`?${'a=b&'.repeat(1800)}`, 400],
  ];

  test('reads queries as the router does, or refuses them', async (t) => {
    const served = await serve(t, randomCatalog(seededRandom(3)));
    for (const [query, expected] of TRAPS) {
      const { status, headers, body } = await send(served.url + PLUGINS, { path: PLUGINS + query });
      assert.equal(status, expected, query.slice(0, 80));
      assert.equal(headers['content-type'], 'application/json');
      if (status === 400) assert.equal(typeof JSON.parse(body.toString()).error, 'string', query);
      else assert.equal(body.toString(), (await routed(served, query)).body, query);
    }
  });
  const routed = (served: Served, query: string) => served.routed(PLUGINS + query);

  test('serves below a path, and leaves everything else to the rest of its configuration', async (t) => {
    const own = path.join(import.meta.dirname, 'nowhere');
    let root = own;
    const served = await serve(t, randomCatalog(seededRandom(3)), {}, (host) => {
      root = /Define MARKETPLACE (\S+)\/marketplace$/m.exec(host)?.[1] ?? '';
      const more = `DocumentRoot ${root}/own
        ErrorDocument 404 "not here"
        <Directory ${root}/own>
        Require all granted
        </Directory>`;
      return host.replace(/^ *Include/m, `Define MARKETPLACE_PATH /marketplace/\n${more}\nInclude`);
    });
    await mkdir(path.join(root, 'own'));
    await writeFile(path.join(root, 'own/page.txt'), 'own');
    const target = `${PLUGINS}?plugin_id=todo&server_version=10.0.0`;
    const below = await send(`${served.url}/marketplace${target}`);
    assert.deepEqual(
      [below.status, below.body.toString()],
      [200, (await served.routed(target)).body],
    );
    // Servers up to 5.19 whose MarketplaceURL ends with a slash.
    assert.equal((await send(served.url, { path: `/marketplace/${target}` })).status, 200);
    const page = await send(`${served.url}/marketplace/`);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    // Path, status, whether the refusal is the marketplace's.
    const others: readonly (readonly [string, number, boolean])[] = [
      ['/marketplace/nowhere', 404, true],
      ['/marketplace/api/v1/plugins?page=x', 400, true],
      ['/marketplace/marketplace/api/v1/plugins', 404, true],
      ['/page.txt', 200, false],
      [target, 404, false],
      ['/marketplacex/api/v1/plugins', 404, false],
      ['/x/../marketplace/api/v1/plugins', 404, true],
    ];
    for (const [asked, expected, isOurs] of others) {
      const { status, headers } = await send(served.url, { path: asked });
      assert.equal(status, expected, asked);
      assert.equal(headers['access-control-allow-origin'], isOurs ? '*' : undefined, asked);
    }
  });

  test('goes on with its build until it is reloaded, and then serves the next', async (t) => {
    const next = await builtSite(readReleases([entryOf('other', '2.0.0', '')]), 'both');
    t.after(next.remove);
    const served = await serve(t, readReleases([entryOf('other', '1.0.0', '')]));
    await copyBuild(next.out, path.join(served.root, 'marketplace'));
    const target = `${PLUGINS}?server_version=10.0.0`;
    const [version, tag] = [/"version":"(.*?)"/, /W\/"([0-9a-f]+)"/];
    const ask = async () => {
      const { headers, body } = await send(served.url + target);
      return [version.exec(body.toString())?.[1], tag.exec(headers.etag ?? '')?.[1]];
    };
    assert.deepEqual(await ask(), ['1.0.0', served.site.id]);
    process.kill(served.pid, 'SIGUSR1');
    assert.ok(await waitForSnapshot(served.url, next.id, AbortSignal.timeout(15_000)));
    assert.deepEqual(await ask(), ['2.0.0', next.id]);
  });

  test('refuses what a build lacks, instead of another answer', async (t) => {
    const served = await serve(t, randomCatalog(seededRandom(3)));
    const folder = path.join(served.root, 'marketplace');
    await rm(path.join(folder, 'snapshots', served.site.id, 'api/labels.json'));
    const { status, headers } = await send(`${served.url}/api/v1/labels`);
    assert.deepEqual([status, headers['content-type']], [404, 'application/json']);
    await rm(path.join(folder, 'edge', `apache-${served.site.id}.txt`));
    for (const query of ['plugin_id=todo', 'plugin_id=nobody', 'filter=', FROM_A_SERVER]) {
      assert.equal((await send(`${served.url}${PLUGINS}?${query}`)).status >= 400, true, query);
    }
  });

  test('lists plugins to a Mattermost server, as docs/hosting.md sets it up', async (t) => {
    const releases = readReleases([entryOf('a', '1.0.0', ''), entryOf('b', '1.0.0', '8.0.0')]);
    const served = await serve(t, releases);
    for (const [version, ids] of [
      ['5.19.0', ['a']],
      ['7.8.0', ['a']],
      ['11.6.0', ['a', 'b']],
    ] as const) {
      const server = await makeServer(t, { version, marketplaceUrl: served.url });
      const listed = await server.list();
      assert.deepEqual(
        listed.map(({ manifest }) => manifest.id),
        ids,
      );
    }
  });
});
