import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { renderLock } from '../../src/upstream/lock.ts';
import { startLoopback } from '../../test/engines/loopback-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { hashFolder, release, runHere, start, writeCatalog } from '../cli/fixture-command.ts';
import { build as buildCommand } from './build.ts';

const LOCK = 'marketplace.upstream.json';
const little = ['--search', 'off', '--every-page-size', 'off', '--page-sizes', '100'];

/** A test marketplace that answers according to `state`. */
async function makeMarketplace(t: TestContext, releases: readonly object[]) {
  const state = { releases, isDown: false };
  const { url } = await startLoopback(t, (_, response) => {
    // A client that should wait for 0 s asks again at once.
    response.writeHead(state.isDown ? 503 : 200, { 'retry-after': '0' });
    response.end(JSON.stringify(state.releases));
  });
  return { url, state };
}

const local = [release('ours', '1.0.0'), release('jira', '2.0.0')];
const theirs = [release('jira', '1.0.0'), release('zoom', '1.0.0')];

test('a build lays the catalog over an upstream, keeps what it fetched, and reuses it', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), local);
  const { url, state } = await makeMarketplace(t, theirs);
  const build = async (...args: string[]) => {
    const env = { BUILD_UPSTREAM_URL: url };
    const ran = await runHere(buildCommand, [...little, ...args], { cwd, env });
    return { ...ran, files: await hashFolder(path.join(cwd, 'dist')).catch(() => ({})) };
  };

  const first = await build();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /Catalog +4 releases of 3 plugins/);
  assert.match(
    first.stderr,
    /^warning: "jira" is also a plugin of the upstream: newest 1\.0\.0 there, 2\.0\.0 here, /m,
  );

  state.releases = [...theirs, release('zoom', '2.0.0')];
  const again = await build();
  assert.deepEqual(
    again.files,
    first.files,
    'docs/design.md, invariant 6: what is kept makes the same bytes',
  );

  const refreshed = await build('--refresh');
  assert.match(refreshed.stdout, /Catalog +5 releases of 3 plugins/);

  state.isDown = true;
  const kept = await build('--refresh');
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(
    kept.stderr,
    /^warning: .* answers 503 Service Unavailable; .* is used, which is 0 hours old/m,
  );
  assert.deepEqual(kept.files, refreshed.files);
  const strict = await build('--refresh', '--strict');
  assert.equal(strict.code, 1);

  await rm(path.join(cwd, LOCK));
  const without = await build();
  assert.equal(without.code, 1);
  assert.match(without.stderr, /^error: the marketplace cannot be read\n.*503/);
  assert.deepEqual(without.files, kept.files, 'the last build stays');
});

test('when it was fetched does not enter the build', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), local);
  const { url } = await makeMarketplace(t, theirs);
  const build = async (now: string) => {
    const args = [...little, '--upstream', url, '--refresh'];
    const ran = await runHere(buildCommand, args, { cwd, now: new Date(now) });
    assert.equal(ran.code, 0, ran.stderr);
    return [await hashFolder(path.join(cwd, 'dist')), (await hashFolder(cwd))[LOCK]];
  };
  const [files, lock] = await build('2024-05-17T12:00:00Z');
  const [filesLater, lockLater] = await build('2024-05-18T12:00:00Z');
  assert.notEqual(lockLater, lock, 'the lock has the time');
  assert.deepEqual(filesLater, files, 'docs/design.md, invariant 6: no clock in dist/');
});

test('what is too much for clients is so with the plugins of the upstream', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), local);
  const { url } = await makeMarketplace(
    t,
    Array.from({ length: 99 }, (_, i) => release(`p-${i}`, '1.0.0')),
  );
  const args = [...little, '--plan', '--upstream', url];
  const { stderr } = await runHere(buildCommand, args, { cwd });
  assert.match(stderr, /^warning: up to 101 plugins are listed for every server, .*upstreamDeny/m);
});

test('reserved ids never come from upstream, and what is denied does not', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), local);
  const { url } = await makeMarketplace(t, [
    ...theirs,
    release('ours', '99.0.0'),
    release('com.acme.x', '1.0.0'),
    release('com.Acme.hr', '1.0.0'),
    release('corn.acme.hr', '1.0.0'),
    release('com.\u0430cme.hr', '1.0.0'),
  ]);
  const config = {
    upstream: url,
    upstreamReserved: ['ours', 'com.acme.*'],
    upstreamDeny: ['zoom'],
  };
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
  const strict = [...little, '--strict'];
  const { code, stderr } = await runHere(buildCommand, strict, { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^warning: "com\.Acme\.hr" may pass for an id that is reserved/m);
  assert.match(stderr, /^warning: "ours" is reserved, but the upstream has a plugin of that id/m);
  assert.match(stderr, /^warning: "com\.acme\.x" is reserved/m);
  const server = await startServer({ dir: path.join(cwd, 'dist'), host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const { body } = await send(`${server.url}/api/v1/plugins?return_all_versions=true`);
  const served = JSON.parse(body.toString()).map(
    ({ manifest }: ReturnType<typeof release>) => `${manifest.id} ${manifest.version}`,
  );
  assert.deepEqual(served, ['jira 2.0.0', 'jira 1.0.0', 'ours 1.0.0']);
});

test('a lock that somebody made up brings in no reserved plugin', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), local);
  const { url } = await makeMarketplace(t, theirs);
  const build = (...args: string[]) =>
    runHere(buildCommand, [...little, '--upstream', url, ...args], { cwd });
  await build();
  // With the digest that it has to have, which anybody can work out.
  const evil = [release('OURS', '99.0.0'), release('ours', '99.0.0'), release('zoom', '2.0.0')];
  const { releases } = parseCatalog(JSON.stringify(evil), LOCK);
  const fetchedAt = '2024-05-17T00:00:00.000Z';
  await writeFile(path.join(cwd, LOCK), renderLock({ url, fetchedAt, releases }));
  const catalogOf = async (...args: string[]) => {
    const { code, stderr } = await build(...args);
    assert.equal(code, 0, stderr);
    const { catalog } = JSON.parse(await readFile(path.join(cwd, 'dist/snapshot.json'), 'utf8'));
    return catalog.versions;
  };
  const open = await catalogOf();
  assert.deepEqual([open.ours, open.OURS], [['99.0.0', '1.0.0'], ['99.0.0']]);
  const guarded = await catalogOf('--upstream-reserved', 'ours');
  assert.deepEqual(guarded, { jira: ['2.0.0'], ours: ['1.0.0'], zoom: ['2.0.0'] });
});

test('npm start --watch serves a lock that another process fetched anew', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), local);
  const { url, state } = await makeMarketplace(t, theirs);
  const args = ['--host', '127.0.0.1', '--port', '0', '--upstream', url, ...little];
  const running = start(t, { program: 'start', args: [...args, '--watch'], cwd });
  const until = async (line: RegExp) => {
    const limitMs = performance.now() + 20_000;
    while (!line.test(running.stdout)) {
      assert.ok(
        performance.now() < limitMs,
        `no ${line} within 20 s: ${running.stdout}${running.stderr}`,
      );
      await sleep(20);
    }
  };
  await until(/Serving snapshot/);
  state.releases = [...theirs, release('zoom', '2.0.0')];
  const elsewhere = await makeFolder(t);
  await writeCatalog(path.join(elsewhere, 'plugins.json'), []);
  const fetched = await runHere(buildCommand, ['--upstream', url], { cwd: elsewhere });
  assert.equal(fetched.code, 0, fetched.stderr);
  await rename(path.join(elsewhere, LOCK), path.join(cwd, LOCK));
  await until(/Rebuilt in .*: 4 -> 5 releases/);
  running.child.kill('SIGTERM');
  assert.equal(await running.ended, 0, running.stderr);
});

test('a new release of the upstream waits until a fetch finds it old enough, and the older one is offered', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), [release('ours', '1.0.0')]);
  const dated = (id: string, version: string, updated_at: string) =>
    release(id, version, { updated_at });
  const old = [
    dated('zoom', '1.0.0', '2024-01-01T00:00:00Z'),
    dated('denied', '1.0.0', '2024-05-01T00:00:00Z'),
  ];
  const { url, state } = await makeMarketplace(t, old);
  const flags = [...little, '--upstream', url, '--upstream-deny', 'denied'];
  const build = async (now: string, ...args: string[]) => {
    const ran = await runHere(buildCommand, [...flags, ...args], { cwd, now: new Date(now) });
    assert.equal(ran.code, 0, ran.stderr);
    const lists = ran.stdout.match(/^ +Waiting.*\n/gm)?.join('') ?? '';
    return { releases: /Catalog +(\d+) releases/.exec(ran.stdout)?.[1], lists, ...ran };
  };
  const week = ['--upstream-min-age-days', '7'];
  const first = await build('2024-05-02T00:00:00Z', ...week);
  assert.deepEqual([first.releases, first.lists], ['2', ''], 'nobody waits for what is denied');

  // One says that it is old, and was not there before.
  const lying = dated('zoom', '1.1.0', '2024-01-02T00:00:00Z');
  state.releases = [...old, lying, dated('zoom', '1.2.0', '2024-05-03T00:00:00Z')];
  const second = await build('2024-05-04T12:30:00Z', '--refresh', ...week);
  assert.equal(second.releases, '2');
  assert.match(
    second.stdout,
    /Waiting +zoom@1\.1\.0 until 2024-05-11 12:30 UTC\n +zoom@1\.2\.0 until 2024-05-10 00:00 UTC\n/,
  );
  const files = await hashFolder(path.join(cwd, 'dist'));
  const later = await build('2025-01-01T00:00:00Z', ...week);
  assert.equal(later.lists, second.lists);
  assert.deepEqual(
    await hashFolder(path.join(cwd, 'dist')),
    files,
    'docs/design.md, invariant 6: no clock decides but that of the last fetch',
  );
  const plan = await build('2025-01-01T00:00:00Z', '--plan', ...week);
  assert.match(plan.stdout, /^Waiting: zoom@1\.1\.0 until 2024-05-11 12:30 UTC$/m);
  const json = await build('2025-01-01T00:00:00Z', '--plan', '--json', ...week);
  assert.deepEqual(JSON.parse(json.stdout).waiting, [
    { release: 'zoom@1.1.0', until: '2024-05-11T12:30:00.000Z' },
    { release: 'zoom@1.2.0', until: '2024-05-10T00:00:00.000Z' },
  ]);

  const third = await build('2024-05-10T00:00:00Z', '--refresh', ...week);
  assert.equal(third.releases, '3', 'what is dated back waits from the day on that it was seen');
  assert.match(third.stdout, /Waiting +zoom@1\.1\.0 until/);
  const without = await build('2024-05-10T00:00:00Z');
  assert.deepEqual([without.releases, without.lists], ['4', '']);
});

test('notices are about releases of the upstream, too', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), local);
  const { url } = await makeMarketplace(t, [...theirs, release('zoom', '1.1.0')]);
  const notice = { reason: 'https://example.com/why', date: '2024-05-17T12:00:00Z' };
  const notices = [
    { plugin: 'zoom', versions: '>=1.1.0', kind: 'suspended', ...notice },
    { plugin: 'zoom', kind: 'deprecated', ...notice },
    { plugin: 'nobody', kind: 'deprecated', ...notice },
  ];
  await writeFile(path.join(cwd, 'notices.json'), JSON.stringify(notices));
  const ran = await runHere(buildCommand, [...little, '--upstream', url], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /Catalog +4 releases of 3 plugins/);
  assert.equal(ran.stderr.match(/is no release of the catalog/g)?.length, 1, ran.stderr);
  assert.match(ran.stderr, /notices\.json \[2\]: "nobody" is no release of the catalog/);
  const { id } = JSON.parse(await readFile(path.join(cwd, 'dist/snapshot.json'), 'utf8'));
  const catalog = path.join(cwd, 'dist/snapshots', id, 'api/catalog.json');
  const entries = JSON.parse(await readFile(catalog, 'utf8')) as {
    manifest: { id: string; version: string };
    labels?: { name: string }[];
  }[];
  assert.deepEqual(
    entries
      .filter(({ manifest }) => manifest.id === 'zoom')
      .map(({ manifest, labels }) => [manifest.version, labels?.map(({ name }) => name)]),
    [['1.0.0', ['Deprecated']]],
  );
});

const CASE = path.join(import.meta.dirname, '../../test/fixtures/cases/upstream-one-bad');

test('one entry that our rules refuse does not take the upstream away', async (t) => {
  const cwd = await makeFolder(t);
  const read = async (file: string) => await readFile(path.join(CASE, file), 'utf8');
  await writeFile(path.join(cwd, 'plugins.json'), await read('own.json'));
  const entries = JSON.parse(await read('api-v1-plugins.json')) as object[];
  const { url, state } = await makeMarketplace(t, entries);
  const build = (...args: string[]) =>
    runHere(buildCommand, [...little, '--upstream', url, ...args], { cwd });

  const passed = await build('--strict');
  assert.equal(passed.code, 0, passed.stderr);
  assert.match(passed.stdout, /Catalog +5 releases of 5 plugins/);
  assert.match(
    passed.stderr,
    /^warning: http\S+ bad@1\.0\.0 homepage_url: "bad\.example\/x" is not .*: passed on/m,
  );
  const denied = await build('--upstream-deny', 'bad');
  assert.match(denied.stdout, /Catalog +4 releases of 4 plugins/);
  assert.doesNotMatch(denied.stderr, /bad/);

  // Data of the pages that they must cope with.
  const odd = { updated_at: 'yesterday', icon_data: 'https://u.example/i.png', hosting: 'both' };
  const manifest = { id: 'odd', version: '1.0.0', homepage_url: 'javascript:alert(1)' };
  state.releases = [
    ...entries,
    {
      ...odd,
      author_type: 'friend',
      release_stage: 'alpha',
      labels: [null, { url: 'x' }],
      manifest,
    },
    { manifest: { id: 'left-out', version: 'one' } },
  ];
  const pages = await build('--refresh');
  assert.equal(pages.code, 0, pages.stderr);
  assert.match(pages.stdout, /Catalog +6 releases of 6 plugins/);
  assert.match(pages.stderr, /odd@1\.0\.0 .* more are wrong with it: passed on/);
  assert.match(pages.stderr, /left-out@one manifest\.version: "one" is not .*: left out/);

  state.releases = [];
  const blank = await build('--refresh');
  assert.equal(blank.code, 0, blank.stderr);
  assert.match(blank.stderr, /lists no plugin; the catalog kept in .* is used/);
  assert.match(blank.stdout, /Catalog +6 releases of 6 plugins/);
  assert.equal((await build('--refresh', '--strict')).code, 1);
});
