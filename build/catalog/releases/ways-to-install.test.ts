import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parseCatalog } from '../../../src/catalog/parse-catalog.ts';
import { makeCertificates, skipWithoutOpenssl } from '../../../test/engines/certificates.ts';
import { serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import { installAll, makeServer } from '../../../test/engines/mattermost-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { buildPages, serveEmbedded } from '../../../test/sites/served-pages.ts';
import { type CommandOptions, run } from '../../cli/fixture-command.ts';
import { serveProgram } from '../../serve/fixture-serving.ts';
import { makeProject } from '../fixture-catalog-command.ts';

// The three ways of docs/curation.md, each from nothing, with its commands.

/** One of each way in which servers ask for what they install, and the newest. */
const VERSIONS = ['5.18.0', '5.31.0', '6.4.0', '9.5.0', '11.6.0'];

/** Stands for the key that is built into every server. */
const mattermost = await makeSigningKey();

const OLD_AND_NEW = { name: 'Public', min_server_version: '5.12.0' };

/** What a server with its default settings installs of the public marketplace, by its version. */
const publicly = (version: string) => [
  'com.mattermost.other@1.0.0',
  Number(version.split('.')[0]) < 9 ? 'com.mattermost.public@1.0.0' : 'com.mattermost.public@2.0.0',
];

/**
 * The public marketplace with its plugin store, made up. Servers fetch bundles by https, so it has a certificate that they
 * trust.
 */
async function startPublic(t: TestContext) {
  const folder = await makeFolder(t);
  const certificates = await makeCertificates(folder, 'IP:127.0.0.1');
  const files: Record<string, Buffer> = {};
  const store = await startLoopback(t, serveFiles(files), certificates);
  const offer = async (name: string, content: Buffer) => {
    files[`/${name}`] = content;
    const signature = (await mattermost.sign(content)).toString('base64');
    return { download_url: `${store.url}/${name}`, signature };
  };
  const entry = async (id: string, version: string, more: object) => {
    const manifest = makeManifest(id, version, more);
    const linux = await makeBundle(manifest, ['linux-amd64']);
    return {
      ...(await offer(`${id}-${version}.tar.gz`, await makeBundle(manifest))),
      platforms: { 'linux-amd64': await offer(`${id}-${version}-linux-amd64.tar.gz`, linux) },
      updated_at: '2024-01-01T00:00:00Z',
      manifest,
    };
  };
  const catalog = [
    await entry('com.mattermost.public', '2.0.0', { name: 'Public' }),
    await entry('com.mattermost.public', '1.0.0', OLD_AND_NEW),
    await entry('com.mattermost.other', '1.0.0', { name: 'Other', min_server_version: '5.12.0' }),
  ];
  const { releases, problems } = parseCatalog(JSON.stringify(catalog), 'public.json');
  assert.deepEqual(problems, []);
  const built = await buildPages(releases);
  t.after(built.remove);
  const site = await serveEmbedded(built.out);
  t.after(site.stop);
  /** Puts a bundle where servers can fetch it; returns its address. */
  const upload = async (file: string) => {
    const name = `/${path.basename(file)}`;
    files[name] = await readFile(file);
    return store.url + name;
  };
  const builtInKey = path.join(folder, 'built-in.asc');
  await writeFile(builtInKey, mattermost.publicKey);
  return { url: site.url, upload, builtInKey, authorities: [certificates.authority] };
}

const succeed = async (t: TestContext, options: CommandOptions) => {
  const ran = await run(t, options);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  return ran;
};

/** Makes a key, builds, signs, uploads and adds a plugin of one's own, as docs/curation.md has it. */
async function publishOwn(t: TestContext, cwd: string, upload: (file: string) => Promise<string>) {
  const own = await makeSigningKey();
  await writeFile(path.join(cwd, 'signing-key.asc'), own.privateKey);
  const name = 'com.example.hello-1.0.0.tar.gz';
  const manifest = makeManifest('com.example.hello', '1.0.0', { min_server_version: '5.12.0' });
  await writeFile(path.join(cwd, name), await makeBundle(manifest));
  const catalog = (...args: string[]) => succeed(t, { program: 'catalog', args, cwd });
  await catalog('sign', name, '--key', 'signing-key.asc', '--public-key', 'plugins.asc');
  const url = await upload(path.join(cwd, name));
  const added = ['--bundle', name, '--download-url', url, '--key', 'plugins.asc'];
  await catalog('add', 'hello', 'v1.0.0', '--community', ...added);
  return path.join(cwd, 'plugins.asc');
}

describe('Ways to a marketplace that installs', { skip: skipWithoutOpenssl }, () => {
  test('import of the public marketplace: what it offers can be installed', async (t) => {
    const { url, builtInKey, authorities } = await startPublic(t);
    const cwd = await makeFolder(t);
    const args = ['import', url, '--out', 'plugins.json'];
    await succeed(t, { program: 'catalog', args, cwd });
    const built = await succeed(t, { program: 'build', args: ['--strict'], cwd });
    assert.doesNotMatch(built.stderr, /unsigned|http-download/);
    const marketplaceUrl = await serveProgram(t, { program: 'serve', cwd });
    for (const version of VERSIONS) {
      for (const platform of ['linux-amd64', 'darwin-arm64']) {
        // Servers before 5.32 do not know darwin-arm64.
        if (version.startsWith('5.') && platform !== 'linux-amd64') continue;
        const server = { version, platform, marketplaceUrl, keyFiles: [builtInKey], authorities };
        const installed = await installAll(t, server);
        assert.deepEqual(installed, publicly(version), `${version} ${platform}`);
      }
    }
  });

  test('--upstream: what the public marketplace offers, and a plugin of one’s own', async (t) => {
    const { url, upload, builtInKey, authorities } = await startPublic(t);
    const cwd = await makeProject(t, { 'plugins.json': [] });
    const ownKey = await publishOwn(t, cwd, upload);
    const args = ['--upstream', url, '--upstream-reserved', 'com.example.*'];
    await succeed(t, { program: 'build', args, cwd });
    const marketplaceUrl = await serveProgram(t, { program: 'serve', cwd });
    for (const version of VERSIONS) {
      const server = { version, marketplaceUrl, authorities };
      const installed = await installAll(t, { ...server, keyFiles: [builtInKey, ownKey] });
      assert.deepEqual(installed, ['com.example.hello@1.0.0', ...publicly(version)], version);
      const [own, ...others] = await installAll(t, { ...server, keyFiles: [builtInKey] });
      assert.match(own ?? '', /^com\.example\.hello: the bundle is signed with the key \w+, which/);
      assert.deepEqual(others, publicly(version), 'without the setting only its own is refused');
    }
  });

  test('own bundles, signed with a key of one’s own', async (t) => {
    const { upload, authorities } = await startPublic(t);
    const cwd = await makeProject(t, { 'plugins.json': [] });
    const ownKey = await publishOwn(t, cwd, upload);
    const checked = await succeed(t, { program: 'catalog', args: ['check'], cwd });
    assert.doesNotMatch(checked.stdout + checked.stderr, /unsigned|http-download/);
    await succeed(t, { program: 'build', cwd });
    const marketplaceUrl = await serveProgram(t, { program: 'serve', cwd });
    for (const version of VERSIONS) {
      const server = { version, marketplaceUrl, keyFiles: [ownKey], authorities };
      assert.deepEqual(await installAll(t, server), ['com.example.hello@1.0.0'], version);
    }
    const untrusting = { version: '11.6.0', marketplaceUrl, keyFiles: [ownKey] };
    const [refused] = await installAll(t, untrusting);
    assert.match(refused ?? '', /^com\.example\.hello: .*certificate/);
  });
});

test('the shipped catalog, as npm start serves it, lists and does not install', async (t) => {
  const shipped = path.join(import.meta.dirname, '../../../plugins.json');
  const cwd = await makeProject(t, { 'plugins.json': await readFile(shipped) });
  const marketplaceUrl = await serveProgram(t, { program: 'start', cwd });
  for (const version of VERSIONS) {
    const server = await makeServer(t, { version, marketplaceUrl });
    const plugins = await server.list();
    assert.ok(plugins.length > 0, version);
    for (const plugin of plugins) {
      const { id } = plugin.manifest;
      await assert.rejects(server.install(plugin), /signature is empty/, `${version} ${id}`);
    }
  }
});
