import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { impatientWeb, serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { makeSigningKey, type SigningKey } from '../../test/samples/signing-keys.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Web } from '../lib/http/web.ts';
import { readServerKeys } from '../mattermost/openpgp/key.ts';
import { checkPack } from './check-pack.ts';
import { type MirrorOptions, mirrorReleases } from './mirror-releases.ts';

export const NOW = new Date('2024-05-17T12:00:00Z');
const createdAt = new Date(NOW.getTime() - 1e9);

/** The key that signs the bundles, and one that signs nothing. */
export const KEY = await makeSigningKey({ createdAt });
export const STRANGER = await makeSigningKey({ createdAt });

export const BASE_URL = 'https://plugins.example.com/pack';

/** No network: a pack is checked offline. */
export const NO_WEB: Web = impatientWeb({
  fetch: async () => {
    throw new Error('asked the network');
  },
});

const ROWS = [
  { id: 'abc', version: '2.0.0', minimum: '9.5.0', platforms: ['linux-amd64'], more: {} },
  { id: 'abc', version: '1.1.0', platforms: ['linux-amd64', 'darwin-arm64'], more: {} },
  { id: 'abc', version: '1.0.0', platforms: [], more: {} },
  { id: 'uni_x', version: '1.0.0+b', platforms: [], more: { hosting: 'cloud', note: 'kept' } },
] as const;

/**
 * Four releases with seven signed bundles on a server, as `/abc-1.1.0-linux-amd64.tar.gz`.
 *
 * @returns the entries of the catalog, and the files, which a test may change
 */
export async function startSource(t: TestContext) {
  const files: Record<string, Buffer> = {};
  const server = await startLoopback(t, serveFiles(files));
  const offer = async (name: string, content: Buffer) => {
    files[name] = content;
    const signature = (await KEY.sign(content, NOW)).toString('base64');
    return { download_url: `${server.url}${name}`, signature };
  };
  const entries: object[] = [];
  for (const { id, version, platforms, more, ...row } of ROWS) {
    const minimum = 'minimum' in row ? row.minimum : '9.0.0';
    const manifest = makeManifest(id, version, { min_server_version: minimum });
    const name = `/${id}-${version}`;
    const own: Record<string, object> = {};
    for (const one of platforms) {
      own[one] = await offer(`${name}-${one}.tar.gz`, await makeBundle(manifest, [one]));
    }
    const common = await offer(`${name}.tar.gz`, await makeBundle(manifest));
    entries.push({ ...common, manifest, platforms: own, ...more });
  }
  return { entries, files, server };
}

/** A source, and a folder that it is mirrored to. */
export async function startMirror(t: TestContext) {
  const source = await startSource(t);
  const folder = path.join(await makeFolder(t), 'pack');
  const keysOf = (key: SigningKey) =>
    readServerKeys(Buffer.from(key.publicKey)).map((one) => ({ key: one, file: 'key.asc' }));
  const verifying = (key: SigningKey | null) => ({
    keys: key === null ? [] : keysOf(key),
    now: NOW,
    onProgress: () => {},
  });
  return {
    ...source,
    folder,
    /** @param wanted positions of the releases that are wanted; default: all */
    mirror: async (more: Partial<MirrorOptions> = {}, wanted?: readonly number[], key = KEY) => {
      const { releases } = parseCatalog(JSON.stringify(source.entries), 'test.json');
      const chosen = releases.filter((_, i) => wanted === undefined || wanted.includes(i));
      const shared = { web: impatientWeb(), folder, baseUrl: BASE_URL };
      const usual = { ...shared, platforms: [], isPruning: false, ...verifying(key) };
      return await mirrorReleases(chosen, { ...usual, ...more });
    },
    /** What is wrong with the pack, line by line. */
    check: async (key: SigningKey | null = null): Promise<string> => {
      const { problems, bundles } = await checkPack(folder, verifying(key));
      return [
        ...problems.map(({ level, file, message }) => `${level}: ${file}: ${message}`),
        ...bundles.flatMap(({ failures }) => failures),
      ].join('\n');
    },
    /** The paths that a list of the pack has. */
    listed: async (name: string): Promise<string[]> => {
      const list = JSON.parse(await readFile(path.join(folder, name), 'utf8'));
      return list.files.map((file: { path: string }) => file.path);
    },
  };
}
