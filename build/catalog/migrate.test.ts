import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { makeProject, runCatalog } from './fixture-catalog-command.ts';
import { migrate } from './migrate.ts';

const manifest = { id: 'abc', version: '1.2.0' };
const today = { author_type: 'mattermost', release_stage: 'production', manifest };

async function setUp(t: TestContext, entries: readonly object[]) {
  const cwd = await makeProject(t, { 'plugins.json': entries });
  return {
    read: () => readFile(path.join(cwd, 'plugins.json'), 'utf8'),
    run: (...args: string[]) => runCatalog(migrate, args, { cwd }),
  };
}

test('entries are brought to the form of today, once', async (t) => {
  const { read, run } = await setUp(t, [{ Manifest: manifest }, today]);
  const { stdout } = await run('--offline');
  assert.equal(stdout, '1 of 2 entries changed in plugins.json\n');
  const once = await read();
  assert.equal(once, `${JSON.stringify([today, today], null, 2)}\n`);
  assert.equal((await run('--offline')).stdout, '0 of 2 entries changed in plugins.json\n');
  assert.equal(await read(), once);
});

test('bundles for single platforms are looked up in the store', async (t) => {
  const name = '/r/plugin-abc-v1.2.0-linux-amd64.tar.gz';
  const server = await startLoopback(t, serveFiles({ [name]: 'x', [`${name}.sig`]: 'signed' }));
  const entries = [{ ...today, repo_name: 'plugin-abc' }, today];
  const { read, run } = await setUp(t, entries);
  const { stdout } = await run('--store', `${server.url}/r/`);
  assert.equal(stdout, '1 of 2 entries changed in plugins.json\n');
  const [first, second] = JSON.parse(await read());
  assert.equal(first.platforms['linux-amd64'].download_url, server.url + name);
  assert.deepEqual(second, today, 'without a repository there is nothing to look up');
});

test('what cannot be brought to that form is left as it was', async (t) => {
  const server = await startLoopback(t, (_, response) => response.writeHead(500).end());
  const contradiction = { labels: [{ name: 'Beta' }], ...today };
  // The entry, flags, exit code, what is reported.
  const cases: readonly (readonly [object, string[], 1 | 2, RegExp])[] = [
    [contradiction, ['--offline'], 1, /release_stage: "production" contradicts the label "Beta"/],
    [{ HomepageURL: '' }, ['--offline'], 1, /plugins\.json \[0\]\.manifest: is missing/],
    [
      { repo_name: 'plugin-abc', manifest },
      ['--store', server.url],
      1,
      /plugin-abc-v1\.2\.0-.* answers 500/,
    ],
    [today, ['--offline', '--store', 'http://x'], 2, /--offline and --store contradict/],
  ];
  for (const [entry, args, code, stderr] of cases) {
    const { read, run } = await setUp(t, [entry]);
    const before = await read();
    const ran = await run(...args);
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
    assert.equal(await read(), before);
  }
});
