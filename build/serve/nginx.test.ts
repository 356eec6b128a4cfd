import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { skipWithoutNginx } from '../../test/engines/nginx.ts';
import { makeFolder } from '../../test/make-folder.ts';
import {
  hashFolder,
  release,
  run,
  runHere,
  start,
  waitForOutput,
  writeCatalog,
} from '../cli/fixture-command.ts';
import { build as buildCommand } from '../site/build.ts';
import { endNginx, waitForEnd } from './fixture-nginx.ts';
import { nginx } from './nginx.ts';

const program = 'nginx';
const env = { PATH: process.env['PATH'] ?? '' };

/** Runs what starts no nginx. */
const nginxHere = (cwd: string, ...args: string[]) => runHere(nginx, args, { cwd, env });
const skip = skipWithoutNginx;

/** A folder with a build, which every user may read; what runs in its `.nginx` is ended with the test. */
async function makeSite(t: TestContext): Promise<string> {
  const cwd = await makeFolder(t);
  await chmod(cwd, 0o755);
  endNginx(t, path.join(cwd, '.nginx'));
  await build(cwd, '1.0.0');
  return cwd;
}

/** Builds a catalog of one release, and returns the id of the snapshot. */
async function build(cwd: string, version: string): Promise<string> {
  await writeCatalog(path.join(cwd, 'plugins.json'), [release('jira', version)]);
  const { code, stdout, stderr } = await runHere(buildCommand, ['--json'], { cwd });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).id;
}

async function servedVersion(url: string): Promise<string> {
  const { body } = await send(`${url}/api/v1/plugins`);
  return JSON.parse(body.toString())[0].manifest.version;
}

test('a daemon serves a build, then the next one, and keeps the one before as long', {
  skip,
}, async (t) => {
  const cwd = await makeSite(t);
  const root = path.join(cwd, '.nginx');
  const ids = [await build(cwd, '1.0.0')];
  const port = String(await freePort());
  const started = await run(t, { program, args: ['--daemon', '--port', port], cwd });
  assert.equal(started.code, 0, started.stderr);
  const url = `http://127.0.0.1:${port}`;
  assert.equal(started.stdout, `nginx serves snapshot ${ids[0]} on ${url}\n`);
  assert.equal(await servedVersion(url), '1.0.0');

  for (const version of ['1.1.0', '1.2.0']) {
    ids.push(await build(cwd, version));
    assert.notEqual(await servedVersion(url), version, 'a build changes nothing by itself');
    const reloaded = await nginxHere(cwd, '--reload');
    assert.equal(reloaded.code, 0, reloaded.stderr);
    assert.equal(reloaded.stdout, `nginx serves snapshot ${ids.at(-1)} on ${url}\n`);
    // A worker with the previous router may take one more request before it learns that it was replaced.
    for (let i = 0; i < 500 && (await servedVersion(url)) !== version; i++) await sleep(20);
    assert.equal(await servedVersion(url), version);
    assert.deepEqual(
      (await readdir(path.join(root, 'snapshots'))).sort(),
      ids.slice(-2).sort(),
      'workers that a reload replaced may still read the one before',
    );
  }

  const twice = await nginxHere(cwd, '--port', port);
  assert.equal(twice.code, 1);
  assert.match(
    twice.stderr,
    /^error: nginx runs in .*\.nginx already .*--reload .*--stop ends it\n$/,
  );

  const stopped = await nginxHere(cwd, '--stop');
  assert.equal(stopped.code, 0, stopped.stderr);
  await waitForEnd(root);
  await assert.rejects(send(url), /ECONNREFUSED/);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`in the foreground it ends on ${signal}, with 0`, { skip }, async (t) => {
    const cwd = await makeSite(t);
    const port = String(await freePort());
    const running = start(t, { program, args: ['--port', port], cwd });
    await waitForOutput(running, '\n');
    assert.equal(await servedVersion(`http://127.0.0.1:${port}`), '1.0.0');
    running.child.kill(signal);
    assert.equal(await running.ended, 0, running.stderr);
    await waitForEnd(path.join(cwd, '.nginx'));
  });
}

test('a port that is taken is reported by nginx, and exits with 1', { skip }, async (t) => {
  const cwd = await makeSite(t);
  const holder = createServer().listen(0, '127.0.0.2');
  t.after(() => holder.close());
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const { code, stderr } = await run(t, {
    program,
    args: ['--port', `${port}`],
    env: { MARKETPLACE_HOST: '127.0.0.2' },
    cwd,
  });
  assert.equal(code, 1);
  assert.match(stderr, /Address already in use/);
  assert.match(stderr, /error: nginx does not serve on http:\/\/127\.0\.0\.2:\d+: .* above\n$/);
});

/** A folder with an nginx that runs as the installed one does, but says that it was built otherwise. */
async function nginxThatReports(cwd: string, reported: string): Promise<string> {
  const bin = path.join(cwd, 'bin');
  await mkdir(bin);
  const { command } = findNginx(env.PATH);
  const script = `#!/bin/sh\n[ "$1" = -V ] && echo '${reported}' >&2 || exec ${command} "$@"\n`;
  await writeFile(path.join(bin, 'nginx'), script, { mode: 0o755 });
  return bin;
}

test('an nginx that was built without gzip_static is refused with what to do', {
  skip,
}, async (t) => {
  const cwd = await makeFolder(t);
  const bin = await nginxThatReports(cwd, '--with-http_gunzip_module');
  const { code, stderr } = await runHere(nginx, [], { cwd, env: { PATH: bin } });
  assert.equal(code, 1);
  assert.match(stderr, /built without http_gzip_static_module: use a build with it/);
});

test('an nginx without njs serves what servers ask for, and says what it refuses', {
  skip,
}, async (t) => {
  const cwd = await makeSite(t);
  const built = '--with-http_gunzip_module --with-http_gzip_static_module';
  const bin = await nginxThatReports(cwd, `${built} --modules-path=/nowhere`);
  const port = String(await freePort());
  const args = ['--daemon', '--port', port];
  const started = await run(t, { program, args, cwd, env: { PATH: `${bin}:${env.PATH}` } });
  assert.equal(started.code, 0, started.stderr);
  assert.match(started.stderr, /without njs, text search is refused: .*libnginx-mod-http-js/);
  const url = `http://127.0.0.1:${port}`;
  assert.equal(await servedVersion(url), '1.0.0');
  assert.equal((await send(`${url}/api/v1/plugins?filter=text`)).status, 400);
  assert.equal((await nginxHere(cwd, '--stop')).code, 0);
  await waitForEnd(path.join(cwd, '.nginx'));
});

test('without a build or a running nginx, it reports that and exits with 1', {
  skip,
}, async (t) => {
  const cwd = await makeFolder(t);
  // Arguments, the message.
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['--port', '8085'], /dist\/ holds no snapshot\.json: run npm run build first/],
    [['--reload'], /no nginx was started in .*\.nginx: start it first/],
    [['--stop'], /no nginx runs in .*\.nginx: start it with npm run nginx/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await nginxHere(cwd, ...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, expected);
  }
});

test('neither a process nor a folder of somebody else is touched', { skip }, async (t) => {
  const cwd = await makeSite(t);
  const root = path.join(cwd, '.nginx');
  const port = String(await freePort());
  const other = spawn('sleep', ['60']);
  t.after(() => other.kill('SIGKILL'));
  await mkdir(path.join(root, 'snapshots'), { recursive: true });
  await writeFile(path.join(root, 'snapshots/notes.txt'), 'theirs');
  await writeFile(path.join(root, 'nginx.conf'), 'listen 127.0.0.1:1;\n');
  await writeFile(path.join(root, 'nginx.pid'), `${other.pid}\n`);
  const [before, names] = [await hashFolder(root), await readdir(cwd)];
  // Arguments, the message.
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['--stop'], /no nginx runs in/],
    [['--reload'], /no nginx runs in/],
    [['--port', port], /is not a folder of npm run nginx: it holds .* --root, or empty it/],
    [['--port', port, '--daemon'], /is not a folder of npm run nginx/],
    [['--port', port, '--root', 'dist'], /is not a folder of npm run nginx/],
    [['--port', port, '--root', 'plugins.json'], /plugins\.json cannot be written, EEXIST/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await nginxHere(cwd, ...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, expected);
  }
  assert.deepEqual(await hashFolder(root), before);
  assert.deepEqual(await readdir(cwd), names);
  assert.deepEqual([other.exitCode, other.signalCode], [null, null], 'no signal reached it');
});

test('a pid file that outlived its nginx keeps no other from starting', { skip }, async (t) => {
  const cwd = await makeSite(t);
  const port = String(await freePort());
  const args = ['--port', port, '--daemon'];
  const file = path.join(cwd, '.nginx/nginx.pid');
  assert.equal((await run(t, { program, args, cwd })).code, 0);
  assert.equal((await nginxHere(cwd, '--stop')).code, 0);
  await waitForEnd(path.join(cwd, '.nginx'));
  await writeFile(file, `${process.pid}\n`);
  const again = await run(t, { program, args, cwd });
  assert.equal(again.code, 0, again.stderr);
  assert.notEqual(await readFile(file, 'utf8'), `${process.pid}\n`);
});

test('a build of which the manifest was changed is refused', { skip }, async (t) => {
  const cwd = await makeSite(t);
  const file = path.join(cwd, 'dist/snapshot.json');
  const text = await readFile(file, 'utf8');
  // What is changed, into what, the message.
  const cases: readonly (readonly [RegExp, string, RegExp])[] = [
    [/"root": "[^"]*"/, '"root": "/etc/"', /router\.table\.root: "\/etc\/" is not \/snapshots\//],
    [/"path": "snapshots/, '"path": "../snapshots', /files\[\d+\]\.path: .* is not a path inside/],
    [/"router"/, '"other"', /dist\/snapshot\.json has no routing table, .* build again/],
  ];
  for (const [found, changed, expected] of cases) {
    await writeFile(file, text.replace(found, changed));
    const { code, stderr } = await nginxHere(cwd, '--port', String(await freePort()));
    assert.equal(code, 1);
    assert.match(stderr, expected);
  }
});

const wrongUsages: readonly string[][] = [
  ['--daemon', '--stop'],
  ['--reload', '--port', '8086'],
  ['--stop', '--bundles', 'pack'],
  ['--port', '0'],
  ['--port', 'http'],
];

for (const args of wrongUsages) {
  test(`${args.join(' ')} is wrong usage: exit 2 and a hint`, async (t) => {
    const { code, stderr } = await nginxHere(await makeFolder(t), ...args);
    assert.equal(code, 2);
    assert.match(stderr, /See --help\.\n$/);
  });
}
