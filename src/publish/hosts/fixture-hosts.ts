import assert from 'node:assert/strict';
import { readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import { installAll } from '../../../test/engines/mattermost-server.ts';
import { type Cleanup, makeFolder } from '../../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { buildPlainSite } from '../../../test/sites/plain-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { send } from '../../hosts/embedded/fixture-client.ts';
import { startServer } from '../../hosts/embedded/start-server.ts';
import { digestOf } from '../../lib/digests.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import type { Target } from '../aws/target.ts';
import { type DeployOptions, deploy } from '../deploy.ts';
import { CATALOGS } from '../fixture-publish.ts';
import { type Build, readHostBuild } from '../read-build.ts';
import { Folder, type Send } from './folder.ts';
import { FolderPointer } from './folder-pointer.ts';
import { sendLocally } from './send-locally.ts';
import { LocalShell, type Shell } from './shell.ts';

/** Builds a catalog for hosts, into a folder. */
export async function buildForHosts(
  out: string,
  releases: readonly object[],
  more: Partial<Pick<BuildSettings, 'compress' | 'hosts'>> = {},
): Promise<Build> {
  await buildPlainSite({
    releases: parseCatalog(JSON.stringify(releases), 'test.json').releases,
    out,
    compress: 'off',
    pageSizes: [100],
    search: false,
    everyPageSize: false,
    allLists: true,
    hosts: ['nginx'],
    maxFiles: 1000,
    maxBytes: 1e9,
    routerBytes: 10_000,
    ...more,
  });
  return await readHostBuild(out);
}

/** Builds of `CATALOGS` for hosts. */
export async function makeHostBuilds(t: Cleanup) {
  const folder = await makeFolder(t);
  const build = (name: keyof typeof CATALOGS) =>
    buildForHosts(path.join(folder, name), CATALOGS[name]);
  const [first, second, third] = await Promise.all([
    build('first'),
    build('second'),
    build('third'),
  ]);
  return { first, second, third };
}

export type HostBuilds = Awaited<ReturnType<typeof makeHostBuilds>>;

/** A folder as a target. */
export function folderTarget(
  root: string,
  shell: Shell = new LocalShell(root, process.env),
  send: Send = sendLocally(root),
): Target {
  const bucket = new Folder(shell, send);
  return { bucket, edge: new FolderPointer(shell, bucket), sleep: async () => {} };
}

/** Deploys a build with what tests want to be the rest. */
export function deployHost(target: Target, build: Build, more: Partial<DeployOptions> = {}) {
  return deploy({ target, build, concurrency: 4, isForced: false, ...more });
}

/** The build that the link of a folder leads to; undefined if there is none. */
export async function liveIn(root: string, builds: HostBuilds): Promise<Build | undefined> {
  const link = await readlink(path.join(root, 'current')).catch(() => undefined);
  if (link === undefined) return undefined;
  const live = Object.values(builds).find(({ router }) => router === link);
  assert.ok(live, `docs/design.md, invariant 7: ${link} is live`);
  return live;
}

/** Checks that every file of a build is there, as hosts read it. Returns how many there are. */
export async function checkWhole(
  read: (key: string) => Promise<Buffer | undefined>,
  { files, router }: Build,
  when: string,
): Promise<number> {
  await Promise.all(
    files.map(async ({ key, sha256 }) => {
      const content = await read(key);
      const found = content === undefined ? 'missing' : digestOf(content);
      assert.equal(found, sha256, `docs/design.md, invariant 7: ${key} of ${router} ${when}`);
    }),
  );
  return files.length;
}

/** Reads a folder as hosts do. */
export const readIn = (root: string) => (key: string) =>
  readFile(path.join(root, key)).catch(() => undefined);

/** What the load of a test asks for. */
export const TARGETS = [
  '/api/v1/plugins',
  '/api/v1/plugins?server_version=9.6.0&platform=linux-amd64',
  '/api/v1/plugins?plugin_id=jira&server_version=10.0.0',
  '/api/v1/labels',
];

/** The bodies of each build for the targets that the load asks for. */
export async function bodiesOf(builds: readonly Build[]): Promise<Map<string, string[]>> {
  const bodies = new Map(TARGETS.map((target) => [target, [] as string[]]));
  for (const { dir } of builds) {
    const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
    for (const target of TARGETS) {
      bodies.get(target)?.push((await send(server.url + target)).body.toString());
    }
    await server.close();
  }
  return bodies;
}

/** An entry of a signed bundle that a plugin store on loopback has, and the file of the public key. */
export async function makeInstallable(t: TestContext, folder: string) {
  const manifest = makeManifest('com.example.abc', '1.2.0');
  const bundle = await makeBundle(manifest);
  const store = await startLoopback(t, serveFiles({ '/abc.tar.gz': bundle }));
  const signing = await makeSigningKey();
  const key = path.join(folder, 'key.asc');
  await writeFile(key, signing.publicKey);
  const signature = (await signing.sign(bundle)).toString('base64');
  return { entry: { download_url: `${store.url}/abc.tar.gz`, signature, manifest }, key };
}

/** Installs everything that is offered, as a Mattermost server does. */
export async function assertInstalls(
  t: TestContext,
  marketplaceUrl: string,
  key: string,
): Promise<void> {
  const settings = ['PluginSettings.AllowInsecureDownloadURL'];
  const server = { version: '9.11.0', marketplaceUrl, keyFiles: [key], settings };
  // Whoever asks in the moment of a switch gets the answer before.
  for (let tries = 0; ; tries++) {
    const installed = await installAll(t, server);
    if (installed[0] === 'com.example.abc@1.2.0') return assert.equal(installed.length, 1);
    assert.ok(tries < 20, `${marketplaceUrl}: ${installed}`);
    await sleep(100);
  }
}
