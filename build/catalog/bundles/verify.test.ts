import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../../src/lib/digests.ts';
import { startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { runHere } from '../../cli/fixture-command.ts';
import { build as buildCommand } from '../../site/build.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { suspend } from '../notices/suspend.ts';
import { verify } from './verify.ts';

const manifest = makeManifest('abc', '1.2.0');
const bundle = await makeBundle(manifest);
const key = await makeSigningKey({ createdAt: new Date(NOW.getTime() - 1e9) });
const signature = (await key.sign(bundle, NOW)).toString('base64');

/** A project with a release and a bundle of its own for Linux, on a server with ETags. */
async function setUp(t: TestContext, more: object = {}) {
  const state = { etag: '"1"', content: bundle };
  const server = await startLoopback(t, ({ headers }, response) => {
    const isKnown = headers['if-none-match'] === state.etag;
    response
      .writeHead(isKnown ? 304 : 200, { etag: state.etag })
      .end(isKnown ? undefined : state.content);
  });
  const at = (name: string) => ({ download_url: `${server.url}/${name}.tar.gz`, signature });
  const entry = {
    ...at('abc'),
    manifest,
    // Without a signature it is not offered, so it is not requested.
    platforms: { 'linux-amd64': at('l'), 'darwin-arm64': { download_url: `${server.url}/m` } },
    ...more,
  };
  const cwd = await makeProject(t, { 'plugins.json': [entry], 'key.asc': key.publicKey });
  const run = (...args: string[]) => runCatalog(verify, ['--key', 'key.asc', ...args], { cwd });
  return { server, state, cwd, entry, run };
}

test('a release that matches its entry is verified, with its platforms, and downloaded again if it changed', async (t) => {
  const { server, state, run } = await setUp(t);
  const ask = async () => {
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stdout, 'ok      abc@1.2.0\nok      abc@1.2.0 linux-amd64\n');
    assert.equal(stderr, '2 bundles checked, 0 failed\n');
    return server.requests.splice(0).map(({ headers }) => headers['if-none-match']);
  };
  assert.deepEqual(await ask(), [undefined, undefined]);
  assert.deepEqual(await ask(), ['"1"', '"1"']);
  state.etag = '"2"';
  assert.deepEqual(await ask(), ['"1"', '"1"']);
  assert.deepEqual(await ask(), ['"2"', '"2"']);
});

test('a bundle that fails is reported with the reason, beside those that are sound', async (t) => {
  const { run } = await setUp(t, { signature: '', manifest: { ...manifest, description: 'x' } });
  const { code, stdout, stderr } = await run();
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^FAILED {2}abc@1\.2\.0 http.*\n +has no signature.*\nok {6}abc@1\.2\.0 lin/,
  );
  assert.equal(stderr, 'error: 2 bundles checked, 1 failed\n');
  const { failed, bundles } = JSON.parse((await run('--json')).stdout);
  assert.deepEqual([failed, bundles.length, bundles[0].failures.length], [1, 2, 1]);
});

test('a note is below its bundle', async (t) => {
  const { run } = await setUp(t, { manifest: { ...manifest, min_server_version: '9.5.0' } });
  const { code, stdout } = await run();
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ok .*\n +note: has min_server_version .* so fewer servers get it$/m);
});

// Flags, files, exit code, what is reported.
const refusals: readonly (readonly [string[], 1 | 2, RegExp])[] = [
  [[], 2, /name the public keys with --key/],
  [['--key', 'no.asc'], 1, /no\.asc: does not exist/],
  [['--key', 'plugins.json'], 1, /plugins\.json: holds no OpenPGP public key/],
  [['--key', 'key.asc', '--plugin', 'ABC'], 1, /the catalog has no plugin ABC/],
  [['--key', 'key.asc', '--catalog', 'no.json'], 1, /no\.json: does not exist/],
];

for (const [args, code, stderr] of refusals) {
  test(`verify ${args.join(' ')} is refused: ${stderr.source}`, async (t) => {
    const { cwd, server } = await setUp(t);
    const ran = await runCatalog(verify, args, { cwd });
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
    assert.deepEqual(server.asked, []);
  });
}

test('--changed-since takes a catalog or a git revision, and refuses anything else', async (t) => {
  const { cwd, entry, run } = await setUp(t);
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'a');
  const newer = { ...entry, platforms: {}, manifest: { ...manifest, version: '2.0.0' } };
  await writeFile(path.join(cwd, 'before.json'), JSON.stringify([entry]));
  await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify([entry, newer]));
  for (const old of ['HEAD', 'before.json']) {
    assert.match((await run('--changed-since', old)).stderr, /1 bundle checked, 1 failed/);
  }
  const { stderr } = await run('--changed-since', 'nothing');
  assert.match(stderr, /"nothing" is neither a catalog, nor a build, nor a git/);
});

/** Also builds and records. */
async function setUpRecords(t: TestContext) {
  const project = await setUp(t, { platforms: {} });
  const { cwd, run } = project;
  const file = path.join(cwd, 'verified.json');
  const build = async (...args: string[]) => {
    const little = ['--search', 'off', '--every-page-size', 'off', '--hosts', 'nginx'];
    return await runHere(buildCommand, [...little, ...args], { cwd });
  };
  const page = async () => {
    const { id } = JSON.parse(await readFile(path.join(cwd, 'dist/snapshot.json'), 'utf8'));
    const folder = path.join(cwd, 'dist/snapshots', id, 'site/plugins/abc');
    return await readFile(path.join(folder, 'index.html'), 'utf8');
  };
  return { ...project, file, build, page, record: () => run('--record') };
}

test('what was verified is recorded, demanded by a build, and shown on its pages', async (t) => {
  const { cwd, entry, file, build, page, record } = await setUpRecords(t);
  const unverified = await build('--require-verified');
  assert.equal(unverified.code, 1);
  assert.match(
    unverified.stderr,
    /verified\.json lacks bundles\n {2}plugins\.json \[0\]: the bundle of abc@1\.2\.0 is not verified — npm run catalog -- verify --record/,
  );
  assert.equal((await build()).code, 0, 'it is demanded only where that is set');
  assert.doesNotMatch(await page(), /Verified/);
  assert.equal((await record()).code, 0);
  const recorded = await readFile(file, 'utf8');
  const [{ sha256, key: fingerprint, verified }] = JSON.parse(recorded);
  assert.deepEqual([sha256, verified], [digestOf(bundle), '2024-05-17']);
  assert.match(fingerprint, /^[0-9A-F]{40}$/);
  const verifiedBuild = await build('--require-verified');
  assert.equal(verifiedBuild.code, 0, verifiedBuild.stderr);
  assert.match(
    await page(),
    new RegExp(`SHA-256.*${sha256}.*<dt>Verified</dt>\\s*<dd>17 May 2024</dd>`, 's'),
  );
  await record();
  assert.equal(await readFile(file, 'utf8'), recorded);
  const other = { ...entry, manifest: { ...manifest, description: 'x' } };
  await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify([other]));
  const changed = await build('--require-verified');
  assert.match(changed.stderr, /was verified with another signature or manifest/);
});

test('the record of a bundle stays while its release is suspended', async (t) => {
  const { cwd, file, record, build } = await setUpRecords(t);
  await record();
  const recorded = await readFile(file, 'utf8');
  const target = ['abc', '--reason', 'https://example.com/why'];
  assert.equal((await runCatalog(suspend, target, { cwd })).code, 0);
  await record();
  assert.equal(await readFile(file, 'utf8'), recorded);
  assert.equal((await runCatalog(suspend, ['abc', '--undo'], { cwd })).code, 0);
  assert.equal((await build('--require-verified')).code, 0);
});

test('a bundle that changed under the same version is told, whoever signed it, until its record is removed', async (t) => {
  const { server, state, cwd, entry, file, record, run } = await setUpRecords(t);
  await record();
  const recorded = await readFile(file, 'utf8');
  const other = await makeBundle({ ...manifest, description: 'another' });
  Object.assign(state, { etag: '"2"', content: other });
  const signed = { ...entry, signature: (await key.sign(other, NOW)).toString('base64') };
  await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify([signed]));
  for (const ran of [await run(), await record()]) {
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /^FAILED {2}abc@1\.2\.0 .*\n +has other contents than on 2024-05-17/);
    assert.ok(ran.stdout.includes(`was ${digestOf(bundle)} and is ${digestOf(other)}`));
    assert.equal(await readFile(file, 'utf8'), recorded);
  }
  assert.ok(server.asked.length > 0);
  await rm(file);
  assert.equal((await record()).code, 0);
  assert.ok((await readFile(file, 'utf8')).includes(digestOf(other)));
});
