import assert from 'node:assert/strict';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { makeFolder } from '../../test/make-folder.ts';
import {
  assertWhole,
  findLeftovers,
  hashFolder,
  type Running,
  release,
  runHere,
  start,
  writeCatalog,
} from '../cli/fixture-command.ts';
import { build } from './build.ts';
import { start as startCommand } from './start.ts';

const program = 'start';
const address = ['--host', '127.0.0.1', '--port', '0'];
const two = [release('one', '1.0.0'), release('two', '1.0.0')];
const three = [...two, release('three', '1.0.0')];

/** Resolves with the first defined result of `read` for the command's output. */
async function waitFor<Value>(
  running: Running,
  what: string,
  read: () => Value | undefined | null,
) {
  const limitMs = performance.now() + 10_000;
  for (;;) {
    const value = read();
    if (value) return value;
    const said = `stdout: ${running.stdout}\nstderr: ${running.stderr}`;
    assert.equal(running.child.exitCode, null, `it ended before ${what}\n${said}`);
    assert.ok(performance.now() < limitMs, `no ${what} within 10 s\n${said}`);
    await sleep(10);
  }
}

async function urlOf(running: Running): Promise<string> {
  const found = await waitFor(running, 'address', () =>
    /Serving snapshot \w+ on (http:\S+)\n/.exec(running.stdout),
  );
  return found[1] ?? '';
}

async function idsAt(url: string): Promise<string[]> {
  const { status, body } = await send(`${url}/api/v1/plugins?server_version=10.0.0`);
  assert.equal(status, 200, `a request failed: ${body}`);
  return JSON.parse(body.toString()).map(
    (plugin: ReturnType<typeof release>) => plugin.manifest.id,
  );
}

/** As editors do it. */
async function save(file: string, text: string): Promise<void> {
  await writeFile(`${file}~`, text);
  await rename(`${file}~`, file);
}

async function makeProject(t: TestContext): Promise<string> {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), two);
  return cwd;
}

test('it builds, serves the build, and ends with 0 on a signal', async (t) => {
  const cwd = await makeProject(t);
  const running = start(t, { program, args: [...address, '--log'], cwd });
  const url = await urlOf(running);
  assert.deepEqual(await idsAt(url), ['one', 'two']);
  const { stdout: summary } = await runHere(build, [], { cwd });
  const [, ...figures] = summary.split('\n');
  assert.ok(
    running.stdout.includes(figures.join('\n')),
    'it reports the build as npm run build does',
  );
  running.child.kill('SIGTERM');
  assert.equal(await running.ended, 0, running.stderr);
  assert.match(
    running.stdout + running.stderr,
    /GET \/api\/v1\/plugins\?server_version=10\.0\.0 200 /,
  );
});

test('it builds compressed files only, and serves them to every client', async (t) => {
  const cwd = await makeFolder(t);
  const icon_data = `data:image/png;base64,${'QUJD'.repeat(1000)}`;
  await writeCatalog(path.join(cwd, 'plugins.json'), [release('one', '1.0.0', { icon_data })]);
  const env = { MARKETPLACE_DIR: 'elsewhere' };
  const running = start(t, { program, args: address, cwd, env });
  const url = await urlOf(running);
  const id = await assertWhole(path.join(cwd, 'elsewhere'));
  const files = Object.keys(await hashFolder(path.join(cwd, 'elsewhere/snapshots', id)));
  assert.ok(files.some((file) => file.endsWith('_latest.json.gz')));
  assert.ok(!files.some((file) => file.endsWith('_latest.json')));
  const target = `${url}/api/v1/plugins?server_version=10.0.0`;
  const plain = await send(target);
  const gzip = await send(target, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(JSON.parse(plain.body.toString())[0].icon_data, icon_data);
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  assert.ok(gunzipSync(gzip.body).equals(plain.body));
});

// Arguments, the content of plugins.json, exit code, stderr.
const refusals: readonly [string[], string, number, RegExp][] = [
  [['--port', 'http'], '[]', 2, /^error: --port takes a number.*\nSee --help\.\n$/],
  [['--page-sizes', '0'], '[]', 2, /--page-sizes/],
  [[], '[{', 1, /^error: .*\n.*plugins\.json:1:/],
  [['--router-bytes', '9'], JSON.stringify(two), 1, /^error: the CloudFront Function has/],
  [
    ['--strict', '--search', 'on', '--max-files', '1'],
    JSON.stringify([...two, release('ISPARTA', '1.0.0', { hosting: 'cloud' }, 'Äpfel')]),
    1,
    /^error: --strict is set.*\n {2}text search, .*: left out/,
  ],
];

for (const [args, text, code, stderr] of refusals) {
  test(`${JSON.stringify(args)} with ${text.slice(0, 9)}… ends with ${code} and serves nothing`, async (t) => {
    const cwd = await makeFolder(t);
    await writeFile(path.join(cwd, 'plugins.json'), text);
    const ran = await runHere(startCommand, [...address, ...args], { cwd });
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, stderr);
    assert.equal(ran.stdout, '');
  });
}

test('--watch serves good edits, outlasts broken ones, and fails no request meanwhile', async (t) => {
  const cwd = await makeFolder(t);
  const file = path.join(cwd, 'catalog/a.json');
  await mkdir(path.dirname(file));
  await writeCatalog(file, two);
  const args = [...address, '--watch', '--catalog', 'catalog/*.json'];
  const running = start(t, { program, args, cwd });
  const url = await urlOf(running);

  let requests = 0;
  let isOver = false;
  const served = new Set<string>();
  const asking = (async () => {
    for (; !isOver; requests++) served.add((await idsAt(url)).join());
  })();

  /** Makes a change, and waits for the first line after it that reports a build. */
  const expectLine = async (
    stream: 'stdout' | 'stderr',
    line: RegExp,
    change: () => Promise<void>,
  ) => {
    const before = running[stream].length;
    await change();
    await waitFor(running, String(line), () => line.exec(running[stream].slice(before)));
  };
  const stillServing = /^still serving the last good build$/m;

  await expectLine('stdout', /^Rebuilt in \d+\.\d s: 2 -> 3 releases, snapshot \w{16}$/m, () =>
    save(file, JSON.stringify(three)),
  );
  assert.deepEqual(await idsAt(url), ['one', 'three', 'two'], 'the edit is served');
  await expectLine('stdout', /^Rebuilt in \d+\.\d s: nothing changed$/m, () => utimes(file, 1, 1));

  // What breaks a build, the beginning of stderr before the note that the last good build is served.
  const config = path.join(cwd, 'marketplace.config.json');
  const breaks: readonly [() => Promise<void>, RegExp][] = [
    [() => save(file, '[{'), /error: the catalog cannot be used.*\n.*a\.json:1:/],
    [() => save(file, '[{"manifest": {}}]'), /error: the catalog cannot be used.*\n.*a\.json.*id/],
    [() => rm(file), /catalog\/\*\.json: matches no file/],
  ];
  for (const [change, message] of breaks) {
    const before = running.stderr.length;
    await expectLine('stderr', stillServing, change);
    assert.match(running.stderr.slice(before), message);
    assert.deepEqual(await idsAt(url), ['one', 'three', 'two'], 'the last good build is served');
  }
  await expectLine('stdout', /3 -> 2 releases/, () => save(file, JSON.stringify(two)));
  assert.deepEqual(await idsAt(url), ['one', 'two'], 'the next good edit is served');

  await expectLine('stderr', stillServing, () => save(config, '{"routerBytes": 9}'));
  assert.match(running.stderr, /error: the CloudFront Function has \d+ bytes/);
  await expectLine('stdout', /nothing changed/, () => rm(config));
  await expectLine('stdout', /2 -> 3 releases/, () =>
    save(path.join(cwd, 'catalog/b.json'), JSON.stringify(three.slice(2))),
  );

  isOver = true;
  await asking;
  assert.ok(requests > 50, `${requests} requests are too few`);
  assert.deepEqual(
    [...served].sort(),
    ['one,three,two', 'one,two'],
    'docs/design.md, invariant 7: every request gets the old answer or the new one',
  );
  running.child.kill('SIGTERM');
  assert.equal(await running.ended, 0, running.stderr);
  await assertWhole(path.join(cwd, 'dist'));
  assert.deepEqual(await findLeftovers(path.join(cwd, 'dist')), []);
});
