import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdir, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import path, { basename, dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openRaw, send } from '../../src/hosts/embedded/fixture-client.ts';
import { makeFixtureFolder, writeFixtureSite } from '../../src/hosts/embedded/site/fixture-site.ts';

/** More than the buffers of a connection hold, so that a client that does not read stalls it. */
const large = JSON.stringify('x'.repeat(32 * 1024 * 1024));
const root = path.join(import.meta.dirname, '../..');
const program = fileURLToPath(new URL('serve.ts', import.meta.url));

interface Serving {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
}

function serve(t: TestContext, args: string[], env: NodeJS.ProcessEnv = {}): Serving {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    timeout: 30_000,
  });
  t.after(() => child.kill('SIGKILL'));
  const serving: Serving = {
    child,
    stdout: '',
    stderr: '',
    exited: new Promise((resolve) =>
      child.once('close', (code, signal) => resolve(code ?? signal)),
    ),
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    serving.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    serving.stderr += chunk.toString();
  });
  return serving;
}

/** Resolves with the address once the server says it. */
async function ready(serving: Serving): Promise<string> {
  const { child } = serving;
  return await new Promise((resolve, reject) => {
    const look = () => {
      const url = /Serving snapshot ab on (http:\S+)\n/.exec(serving.stdout)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', look);
    look();
    child.once('close', () => reject(new Error(`it ended: ${serving.stderr}`)));
  });
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
    const serving = serve(t, ['--dir', await makeBuild(t), '--port', '0', '--log']);
    const url = await ready(serving);
    const slow = await openRaw(url);
    slow.socket.write('GET /api/v1/labels HTTP/1.1\r\nHost: h\r\n\r\n');
    await slow.waitFor(/^HTTP/);
    slow.socket.pause();
    serving.child.kill(signal);
    await new Promise((resolve) => serving.child.stderr?.once('data', resolve));
    await assert.rejects(send(`${url}/api/v1/health`), /ECONNREFUSED/);
    slow.socket.resume();
    assert.ok((await slow.closed).endsWith(large), 'the answer came in full');
    assert.equal(await serving.exited, 0);
    assert.match(serving.stderr, / GET \/api\/v1\/labels 200 \d+ .*labels\.json\n/);
  });
}

test('a second signal exits at once', async (t) => {
  const serving = serve(t, ['--dir', await makeBuild(t), '--port', '0']);
  const slow = await openRaw(await ready(serving));
  slow.socket.write('GET /api/v1/labels HTTP/1.1\r\nHost: h\r\n\r\n');
  await slow.waitFor(/^HTTP/);
  slow.socket.pause();
  const startMs = performance.now();
  serving.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 400));
  serving.child.kill('SIGTERM');
  assert.equal(await serving.exited, 143);
  assert.ok(performance.now() - startMs < 5000);
  slow.socket.destroy();
});

test('host and port come from the environment where no flag names them', async (t) => {
  const env = { MARKETPLACE_HOST: 'localhost', MARKETPLACE_PORT: '0' };
  const dir = await makeBuild(t);
  const fromEnvironment = serve(t, ['--dir', dir], env);
  const fromFlags = serve(t, ['--dir', dir, '--host', '127.0.0.1'], env);
  assert.match(await ready(fromEnvironment), /^http:\/\/localhost:/);
  assert.match(await ready(fromFlags), /^http:\/\/127\.0\.0\.1:/);
});

test('a port that is taken ends with 1 and what to do', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  t.after(() => holder.close());
  await new Promise((resolve) => holder.once('listening', resolve));
  const { port } = holder.address() as { port: number };
  const serving = serve(t, ['--dir', await makeBuild(t), '--port', String(port)]);
  assert.equal(await serving.exited, 1);
  assert.match(
    serving.stderr,
    new RegExp(`^error: Port ${port} on 127.0.0.1 is taken: .*--port\n$`),
  );
  assert.equal(serving.stdout, '');
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
  const serving = serve(t, ['--dir', dir, '--port', '0']);
  assert.equal((await send(`${await ready(serving)}/api/v1/health`)).body.toString(), '[]');
  assert.deepEqual(await readdir(dirname(dir)), [basename(dir)], 'what it was making is removed');
});

test('where a build dies between its two renames, the server brings the old one back', async (t) => {
  const dir = await makeBuild(t);
  const serving = serve(t, ['--dir', dir, '--port', '0']);
  const url = await ready(serving);
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

test('a missing build ends with 1 and what to do', async (t) => {
  const serving = serve(t, ['--dir', 'no-such-build', '--port', '0']);
  assert.equal(await serving.exited, 1);
  assert.equal(serving.stderr, 'error: no-such-build/ does not exist: run npm run build first\n');
});

// arguments, environment, what stderr says
const wrongUsages: [string[], NodeJS.ProcessEnv, RegExp][] = [
  [['--prot', '1'], {}, /--prot/],
  [['dist'], {}, /unexpected argument "dist"/],
  [['--port', '65536'], {}, /--port takes a number from 0 to 65535, not "65536"/],
  [['--port', '-1'], {}, /--port/],
  [['--port=1e3'], {}, /--port/],
  [['--port='], {}, /--port/],
];

for (const [args, env, expected] of wrongUsages) {
  test(`${JSON.stringify([args, env])} is wrong usage: exit 2 and a hint`, async (t) => {
    const serving = serve(t, args, env);
    assert.equal(await serving.exited, 2);
    assert.match(serving.stderr, expected);
    assert.match(serving.stderr, /See --help\.\n$/);
  });
}

test('--help shows an example', async (t) => {
  const serving = serve(t, ['--help']);
  assert.equal(await serving.exited, 0);
  assert.match(serving.stdout, /Example:\n {2}npm run build/);
});
