import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRaw, send } from '../../src/hosts/embedded/fixture-client.ts';
import { makeFixtureFolder, writeFixtureSite } from '../../src/hosts/embedded/site/fixture-site.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { runHere, start, waitForOutput } from '../cli/fixture-command.ts';
import { serve } from './serve.ts';

/** More than the buffers of a connection hold, so that a client that does not read stalls it. */
const large = JSON.stringify('x'.repeat(32 * 1024 * 1024));

/** Serves the folder of a build on a free port, and waits for the address. */
async function startServing(t: TestContext, dir: string, ...args: string[]) {
  const all = ['--dir', dir, '--port', '0', ...args];
  const serving = start(t, { program: 'serve', args: all, cwd: dirname(dir) });
  await waitForOutput(serving, 'Serving snapshot ab on http');
  return { serving, url: / on (http:\S+)\n/.exec(serving.stdout)?.[1] ?? '' };
}

async function makeBuild(t: TestContext): Promise<string> {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await writeFixtureSite(dir, {
    id: 'ab',
    bodies: { 'api/labels.json': large, 'api/health.json': '[]' },
  });
  return dir;
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} lets the answer in flight finish, then the server exits with 0`, async (t) => {
    const { serving, url } = await startServing(t, await makeBuild(t), '--log');
    const slow = await openRaw(url);
    slow.socket.write('GET /api/v1/labels HTTP/1.1\r\nHost: h\r\n\r\n');
    await slow.waitFor(/^HTTP/);
    slow.socket.pause();
    serving.child.kill(signal);
    await new Promise((resolve) => serving.child.stderr?.once('data', resolve));
    await assert.rejects(send(`${url}/api/v1/health`), /ECONNREFUSED/);
    slow.socket.resume();
    assert.ok((await slow.closed).endsWith(large), 'the answer came in full');
    assert.equal(await serving.ended, 0);
    assert.match(serving.stderr, / GET \/api\/v1\/labels 200 \d+ .*labels\.json\n/);
  });
}

test('a second signal exits at once', async (t) => {
  const { serving, url } = await startServing(t, await makeBuild(t));
  const slow = await openRaw(url);
  slow.socket.write('GET /api/v1/labels HTTP/1.1\r\nHost: h\r\n\r\n');
  await slow.waitFor(/^HTTP/);
  slow.socket.pause();
  serving.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 400));
  serving.child.kill('SIGTERM');
  assert.equal(await serving.ended, 143);
  slow.socket.destroy();
});

/** Moves a build to where one that dies between its two renames leaves it. */
async function moveAside(dir: string): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['-v']);
  await rename(dir, `${dir}.previous-${pid}`);
  await writeFixtureSite(`${dir}.next-${pid}`, { id: 'cd', bodies: {} });
}

test('a build that a dead one had moved aside is brought back and served', async (t) => {
  const dir = await makeBuild(t);
  await moveAside(dir);
  const { url } = await startServing(t, dir);
  assert.equal((await send(`${url}/api/v1/health`)).body.toString(), '[]');
  assert.deepEqual(await readdir(dirname(dir)), [basename(dir)], 'what it was making is removed');
});

test('where a build dies between its two renames, the server brings the old one back', async (t) => {
  const dir = await makeBuild(t);
  const { serving, url } = await startServing(t, dir);
  await moveAside(dir);
  await waitFor(async () => (await readdir(dirname(dir))).join() === basename(dir));
  assert.equal((await send(`${url}/api/v1/health`)).body.toString(), '[]');
  assert.equal(serving.stderr, '', 'nothing is refused');
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const limitMs = performance.now() + 10_000;
  while (!(await condition())) {
    assert.ok(performance.now() < limitMs, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Arguments, exit code, what is reported.
const refusals: readonly (readonly [string[], 1 | 2, RegExp])[] = [
  [['--dir', 'no-such-build'], 1, /no-such-build\/ does not exist: run npm run build first\n$/],
  [['dist'], 2, /unexpected argument "dist"/],
  [['--port', '65536'], 2, /--port takes a number from 0 to 65535, not "65536"/],
];

for (const [args, code, expected] of refusals) {
  test(`${args.join(' ')} ends with ${code} and what to do`, async (t) => {
    const ran = await runHere(serve, args, { cwd: await makeFolder(t) });
    assert.equal(ran.code, code);
    assert.match(ran.stderr, expected);
    assert.equal(ran.stdout, '');
  });
}
