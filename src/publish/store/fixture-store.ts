import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cleanup } from '../../../test/make-folder.ts';
import { digestOf } from '../../lib/digests.ts';
import { type Snapshot, servedFiles } from '../../snapshot/parse-snapshot.ts';
import { makeBuilds } from '../fixture-publish.ts';
import { type Build, readBuild } from '../read-build.ts';
import { STORE_FILE } from './store-keys.ts';

/**
 * Gives a build a router that reads a store: for each answer it asks for the two halves of the path, and answers 503 if one is
 * missing. So every key counts, and there are more than one request changes.
 */
export async function giveStore({ dir, snapshot, router }: Build): Promise<Build> {
  const root = `snapshots/${snapshot.id}/api/plugins/`;
  const keys: Record<string, string> = {};
  for (const { path } of servedFiles(snapshot)) {
    if (!path.startsWith(root)) continue;
    const key = path.slice(root.length);
    keys[`${key}:1`] = path.slice(0, root.length);
    keys[`${key}:2`] = key;
  }
  const code = `import cf from 'cloudfront';
${router.replace('function handler(', 'function locate(')}
const store = cf.kvs();
async function handler(event) {
  const found = locate(event);
  if (typeof found.uri !== 'string' || !found.uri.startsWith('/${root}')) return found;
  const key = '${snapshot.id}/' + found.uri.slice(${root.length + 1});
  try {
    found.uri = '/' + (await store.get(key + ':1')) + (await store.get(key + ':2'));
    return found;
  } catch (error) {
    return { statusCode: 503, headers: {}, body: String(error) };
  }
}
`;
  const store = JSON.stringify({ format: 1, keys });
  const storeFile = {
    path: STORE_FILE,
    sha256: digestOf(store),
    size: Buffer.byteLength(store),
    contentType: 'application/json',
  };
  const manifest: Snapshot = {
    ...snapshot,
    files: [...snapshot.files, storeFile],
    // Not the router of this version, so only a test on CloudFront shows what it does.
    router: { ...snapshot.router, version: 'f'.repeat(16) },
  };
  await writeFile(path.join(dir, STORE_FILE), store);
  await writeFile(path.join(dir, 'edge/cloudfront-function.js'), code);
  await writeFile(path.join(dir, 'snapshot.json'), JSON.stringify(manifest));
  return await readBuild(dir);
}

/** The builds of `CATALOGS`, with routers that read a store. */
export async function makeStoreBuilds(t: Cleanup) {
  const { first, second, third } = await makeBuilds(t);
  return {
    first: await giveStore(first),
    second: await giveStore(second),
    third: await giveStore(third),
  };
}

/** Builds for tests of what is the same with a store and without one, by the name of the kind. */
export async function makeBothBuilds(t: Cleanup) {
  return [
    ['without a store', await makeBuilds(t)],
    ['with a store', await makeStoreBuilds(t)],
  ] as const;
}
