import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { run, start } from '../cli/fixture-command.ts';
import { makeProject } from './fixture-catalog-command.ts';

const program = 'catalog';

test('results are on stdout, the rest is on stderr, and exit codes show the outcome', async (t) => {
  const good = [
    { manifest: { id: 'abc', version: '1.0.0' }, download_url: 'https://example.com/' },
  ];
  const cwd = await makeProject(t, { 'plugins.json': good, 'bad.json': '[' });
  const passed = await run(t, { program, args: ['check', '--json'], cwd });
  assert.equal(passed.code, 0);
  assert.equal(JSON.parse(passed.stdout).errors, 0);
  assert.match(passed.stderr, /^0 errors, \d warnings\n$/);
  const failed = await run(t, { program, args: ['check', '--catalog', 'bad.json'], cwd });
  assert.equal(failed.code, 1);
  const wrong = await run(t, { program, args: ['check', '--no-such-flag'], cwd });
  assert.equal(wrong.code, 2);
});

test('a mirror that is killed is continued by the next run, which fetches only what is missing', async (t) => {
  const bundles: Record<string, Buffer> = {};
  const entries: object[] = [];
  const stalled = { at: '/7.tar.gz', is: true };
  const server = await startLoopback(t, (request, response) => {
    // Half of a bundle, and then nothing more.
    if (stalled.is && request.url === stalled.at) {
      response.writeHead(200).write(bundles[stalled.at]?.subarray(0, 100));
    } else serveFiles(bundles)(request, response);
  });
  for (let i = 0; i < 8; i++) {
    const manifest = makeManifest('abc', `1.${i}.0`);
    bundles[`/${i}.tar.gz`] = await makeBundle(manifest);
    entries.push({ download_url: `${server.url}/${i}.tar.gz`, manifest });
  }
  const cwd = await makeProject(t, { 'plugins.json': entries });
  const args = ['mirror', '--to', 'pack', '--base-url', 'https://plugins.example.com'];
  const running = start(t, { program, args, cwd });
  const listed = async () =>
    JSON.parse(
      await readFile(path.join(cwd, 'pack/pack.unfinished.json'), 'utf8').catch(
        () => '{"files":[]}',
      ),
    ).files.length;
  for (let i = 0; i < 500 && (await listed()) < 7; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(await listed(), 7);
  running.child.kill('SIGKILL');
  await running.ended;
  assert.equal((await readdir(path.join(cwd, 'pack/bundles'))).length, 8, 'a part is left');
  assert.ok(!(await readdir(path.join(cwd, 'pack'))).includes('pack.json'), 'it is not a pack yet');
  stalled.is = false;
  const before = server.asked.length;
  const { code, stderr } = await run(t, { program, args, cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '8 bundles in pack: 1 downloaded, 0 removed\n');
  assert.equal(server.asked.length, before + 1);
  assert.deepEqual(await readdir(path.join(cwd, 'pack')), ['bundles', 'pack.json', 'plugins.json']);
  const names = await readdir(path.join(cwd, 'pack/bundles'));
  assert.equal(names.length, 8);
  assert.ok(
    names.every((name) => name.endsWith('.tar.gz')),
    names.join(),
  );
});
