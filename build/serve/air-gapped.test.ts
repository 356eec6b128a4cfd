import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, cp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as openpgp from 'openpgp';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import { digestOf } from '../../src/lib/digests.ts';
import { makeCertificates, skipWithoutOpenssl } from '../../test/engines/certificates.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { installAll } from '../../test/engines/mattermost-server.ts';
import { skipWithoutNginx } from '../../test/engines/nginx.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { readBlock } from '../../test/read-block.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { catalog } from '../catalog/catalog.ts';
import { makeProject } from '../catalog/fixture-catalog-command.ts';
import type { Command } from '../cli/command.ts';
import { run, runHere, start, waitForOutput } from '../cli/fixture-command.ts';
import { build } from '../site/build.ts';
import { endNginx, waitForEnd } from './fixture-nginx.ts';
import { nginx } from './nginx.ts';

const key = await makeSigningKey();
const publicKey = await openpgp.readKey({ armoredKey: key.publicKey });

/** Whether bytes are signed with the key, according to the library itself. */
async function isSigned(content: Buffer, signature: string): Promise<boolean> {
  const { signatures } = await openpgp.verify({
    message: await openpgp.createMessage({ binary: content }),
    signature: await openpgp.readSignature({
      binarySignature: Buffer.from(signature, 'base64'),
    }),
    verificationKeys: publicKey,
  });
  return await (signatures[0] as (typeof signatures)[0] & object).verified;
}

/** A catalog whose bundles a plugin store on the network has, and what ends the store. */
async function makeConnectedSite(t: TestContext) {
  const files: Record<string, Buffer> = {};
  const store = await startLoopback(t, serveFiles(files));
  const offer = async (name: string, content: Buffer) => {
    files[`/${name}`] = content;
    const signature = (await key.sign(content)).toString('base64');
    return { download_url: `${store.url}/${name}`, signature };
  };
  const manifest = makeManifest('com.example.abc', '1.2.0');
  const common = await offer('abc.tar.gz', await makeBundle(manifest));
  const linux = await offer('abc-linux.tar.gz', await makeBundle(manifest, ['linux-amd64']));
  const entry = { ...common, manifest, platforms: { 'linux-amd64': linux } };
  const cwd = await makeProject(t, { 'plugins.json': [entry], 'key.asc': key.publicKey });
  const disconnect = () => {
    for (const name of Object.keys(files)) delete files[name];
  };
  return { cwd, files: { ...files }, disconnect };
}

/** The request of a Mattermost server to install the newest version of a plugin (docs/api.md). */
const request = (platform: string) =>
  `/api/v1/plugins?build_enterprise_ready=true&cloud=false&enterprise_plugins=false&filter=&local_only=false&page=0&platform=${platform}&plugin_id=com.example.abc&remote_only=false&return_all_versions=false&server_version=9.11.0`;

const succeed = async (command: Command, cwd: string, args: readonly string[]) => {
  const env = { PATH: process.env['PATH'] ?? '' };
  const { code, stdout, stderr } = await runHere(command, args, { cwd, env });
  assert.equal(code, 0, stdout + stderr);
};

// The serving program, its own flags, reason to skip.
const servers: readonly (readonly [string, readonly string[], string | false])[] = [
  ['serve', [], false],
  ['start', ['--catalog', 'pack/plugins.json'], false],
  ['nginx', [], skipWithoutNginx],
];

for (const [program, flags, skip] of servers) {
  test(`a site without a network installs a plugin from a pack, served by ${program}`, {
    skip,
  }, async (t) => {
    const { cwd: connected, files, disconnect } = await makeConnectedSite(t);
    const url = `http://127.0.0.1:${await freePort()}`;
    const mirror = ['mirror', '--to', 'pack', '--base-url', url, '--key', 'key.asc'];
    await succeed(catalog, connected, mirror);
    const cwd = await makeFolder(t);
    await chmod(cwd, 0o755);
    await cp(path.join(connected, 'pack'), path.join(cwd, 'pack'), { recursive: true });
    await cp(path.join(connected, 'key.asc'), path.join(cwd, 'key.asc'));
    disconnect();

    const check = ['mirror', '--check', 'pack', '--key', 'key.asc'];
    await succeed(catalog, cwd, check);
    await succeed(build, cwd, ['--catalog', 'pack/plugins.json']);
    endNginx(t, path.join(cwd, '.nginx'));
    const args = [...flags, '--bundles', 'pack', '--port', new URL(url).port];
    const serving = start(t, { program, args, cwd });
    await waitForOutput(serving, url);

    // The platform of a server, the bundle intended for it.
    const servers: readonly (readonly [string, string])[] = [
      ['linux-amd64', '/abc-linux.tar.gz'],
      ['darwin-arm64', '/abc.tar.gz'],
    ];
    for (const [platform, expected] of servers) {
      const answer = await send(url + request(platform));
      assert.equal(answer.status, 200, answer.body.toString());
      const [plugin, ...others] = JSON.parse(answer.body.toString());
      assert.deepEqual(others, [], 'docs/api.md: more than one plugin is an error for a server');
      const { status, headers, body } = await send(plugin.download_url);
      assert.equal(status, 200, plugin.download_url);
      assert.ok(body.equals(files[expected] as Buffer), 'it is the bundle of the platform');
      assert.ok(await isSigned(body, plugin.signature), 'its signature is that of the answer');
      const page = await send(`${url}/plugins/com.example.abc/`);
      assert.ok(
        page.body.includes(`SHA-256 <code>${digestOf(body)}</code>`),
        'the page has its digest',
      );
      assert.equal(headers['content-type'], 'application/gzip');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['content-encoding'], undefined);
      assert.equal(headers['content-length'], String(body.length));
      const conditional = { headers: { 'if-none-match': headers.etag ?? '' } };
      assert.equal((await send(plugin.download_url, conditional)).status, 304);
      assert.equal((await send(plugin.download_url, { method: 'POST' })).status, 405);
    }
    const keyFiles = [path.join(cwd, 'key.asc')];
    const server = { version: '9.11.0', marketplaceUrl: url, keyFiles };
    const [refused] = await installAll(t, server);
    assert.match(refused ?? '', /^com\.example\.abc: download_url is not encrypted/);
    const settings = ['PluginSettings.AllowInsecureDownloadURL'];
    assert.deepEqual(await installAll(t, { ...server, settings }), ['com.example.abc@1.2.0']);
    for (const address of [
      '/bundles/',
      '/bundles/x.tar.gz',
      '/pack.json',
      '/bundles/../pack.json',
    ]) {
      const { status, body } = await send(url, { path: address });
      assert.equal(status, 404, address);
      assert.match(body.toString(), /No such page/, address);
    }
    serving.child.kill('SIGTERM');
    assert.equal(await serving.ended, 0, serving.stderr);
  });
}

/** An nginx that speaks TLS in front of a server, by the lines of docs/private.md. Returns its port. */
async function startTlsNginx(
  t: TestContext,
  folder: string,
  { key, cert, upstream }: { key: string; cert: string; upstream: string },
): Promise<number> {
  const port = await freePort();
  const lines = await readBlock('docs/private.md', 'nginx', 'server {');
  const server = lines
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('/etc/nginx/marketplace.pem', cert)
    .replace('/etc/nginx/marketplace.key', key)
    .replace('http://127.0.0.1:8085', upstream);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/temp;`,
  );
  const config = [
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr; events { }`,
    `http { access_log off; ${temporary.join(' ')}`,
    `${server}}`,
  ].join('\n');
  await writeFile(path.join(folder, 'nginx.conf'), config);
  const nginx = findNginx(process.env['PATH'] ?? '').command;
  const args = ['-e', 'stderr', '-p', folder, '-c', path.join(folder, 'nginx.conf')];
  const child = spawn(nginx, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  t.after(() => child.kill('SIGKILL'));
  const limitMs = performance.now() + 15_000;
  while (!(await isListening(port))) {
    assert.equal(child.exitCode, null, stderr);
    assert.ok(performance.now() < limitMs, stderr);
    await sleep(20);
  }
  return port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

test('a site without a network installs by TLS with an authority of its own, and default settings', {
  skip: skipWithoutNginx || skipWithoutOpenssl,
}, async (t) => {
  const { cwd, disconnect } = await makeConnectedSite(t);
  const certificates = await makeCertificates(cwd);
  const backend = await freePort();
  const { key, cert } = certificates.files;
  const port = await startTlsNginx(t, cwd, { key, cert, upstream: `http://127.0.0.1:${backend}` });
  const url = `https://marketplace.internal:${port}`;
  const mirror = ['mirror', '--to', 'pack', '--base-url', url, '--key', 'key.asc'];
  await succeed(catalog, cwd, mirror);
  disconnect();
  await succeed(build, cwd, ['--catalog', 'pack/plugins.json']);
  const args = ['--bundles', 'pack', '--port', String(backend)];
  const serving = start(t, { program: 'serve', args, cwd });
  await waitForOutput(serving, `:${backend}`);

  const server = {
    version: '11.6.0',
    marketplaceUrl: url,
    keyFiles: [path.join(cwd, 'key.asc')],
    hosts: { 'marketplace.internal': '10.0.0.5' },
    allowedInternal: 'marketplace.internal',
    authorities: [certificates.authority],
  };
  // Version, platform.
  const servers: readonly (readonly [string, string])[] = [
    ['9.0.0', 'linux-amd64'],
    ['9.11.0', 'darwin-arm64'],
    ['11.6.0', 'linux-amd64'],
  ];
  for (const [version, platform] of servers) {
    const installed = await installAll(t, { ...server, version, platform });
    assert.deepEqual(installed, ['com.example.abc@1.2.0'], `${version} ${platform}`);
  }
  const byRange = { ...server, allowedInternal: '10.0.0.5/32' };
  assert.deepEqual(await installAll(t, byRange), ['com.example.abc@1.2.0']);
  // A deviation from the page, its effect.
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ authorities: [] }, /certificate/],
    [{ allowedInternal: '' }, /10\.0\.0\.5 is in a reserved range/],
    [{ allowedInternal: '10.0.0.5' }, /10\.0\.0\.5 is in a reserved range/],
    [{ marketplaceUrl: url.replace('marketplace.internal', '127.0.0.1') }, /altnames|IP/],
  ];
  for (const [more, expected] of refused) {
    await assert.rejects(installAll(t, { ...server, ...more }), expected, JSON.stringify(more));
  }
  const { keyFiles: _, ...keyless } = server;
  assert.match((await installAll(t, keyless))[0] ?? '', /not one of the given keys/);
});

test('nginx takes the bundles of a pack with --reload, and goes on with them until it is started without', {
  skip: skipWithoutNginx,
}, async (t) => {
  const { cwd } = await makeConnectedSite(t);
  await chmod(cwd, 0o755);
  endNginx(t, path.join(cwd, '.nginx'));
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const mirror = ['mirror', '--to', 'pack', '--base-url', url];
  const start = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(t, { program: 'nginx', args, cwd });
    assert.equal(code, 0, stdout + stderr);
  };
  const nginxHere = (...args: string[]) => succeed(nginx, cwd, args);
  const statusOf = async (name: string) => (await send(`${url}/bundles/${name}`)).status;
  await succeed(catalog, cwd, mirror);
  await succeed(build, cwd, ['--catalog', 'pack/plugins.json']);
  const [first = '', second = ''] = (await readdir(path.join(cwd, 'pack/bundles'))).sort();
  await start('--daemon', '--port', port);
  assert.equal(await statusOf(first), 404);
  await nginxHere('--reload', '--bundles', 'pack');
  assert.equal(await statusOf(first), 200);
  await rm(path.join(cwd, 'pack'), { recursive: true });
  await nginxHere('--reload');
  assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200]);

  await succeed(catalog, cwd, mirror);
  await rm(path.join(cwd, 'pack/bundles', second));
  await nginxHere('--reload', '--bundles', 'pack');
  assert.equal(await statusOf(second), 200, 'what is there need not be there again');
  const another = ['--root', 'another', '--bundles', 'pack', '--port', String(await freePort())];
  const env = { PATH: process.env['PATH'] ?? '' };
  const { code, stderr } = await runHere(nginx, another, { cwd, env });
  assert.equal(code, 1);
  assert.match(stderr, /is missing or not whole: see npm run catalog -- mirror --check .*pack\n$/);

  await nginxHere('--stop');
  await waitForEnd(path.join(cwd, '.nginx'));
  await start('--daemon', '--port', port);
  assert.equal(await statusOf(first), 404);
  assert.deepEqual(await readdir(path.join(cwd, '.nginx/bundles')), []);
});
