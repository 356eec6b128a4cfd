import glob from 'fast-glob';
import { type Problem, UserError } from '../lib/errors.ts';
import { type Snapshot, servedFiles } from '../snapshot/parse-snapshot.ts';
import { readContent } from '../snapshot/read-content.ts';
import { MANIFEST, type ReadSnapshot, readBuilt, readSnapshot } from '../snapshot/read-snapshot.ts';
import {
  parseStoreKeys,
  readBlocks,
  readsStore,
  STORE_FILE,
  type StoreKeys,
  storeFileOf,
} from './store/store-keys.ts';

/** A build on disk. */
export interface Build extends ReadSnapshot {
  readonly dir: string;
  /** The code of the CloudFront Function. */
  readonly router: string;
  /** What that function reads in a KeyValueStore; absent if it reads none. */
  readonly store?: BuildStore;
}

/** The keys of a build. */
export interface BuildStore {
  readonly keys: StoreKeys;
  /** The file that holds them. */
  readonly content: Buffer;
}

/** So many problems are shown. */
const PROBLEMS_SHOWN = 10;

/**
 * Reads a build's manifest and router, and compares the files in its folder with those in the manifest. Their contents are
 * checked when they are read.
 *
 * @throws {UserError} if there is no build, it is not for CloudFront, or a file is missing, not listed or of another size
 */
export async function readBuild(dir: string): Promise<Build> {
  const { snapshot, manifest } = await readSnapshot(dir);
  if (snapshot.published.cloudFront === undefined) {
    throw new UserError(
      `${dir}/ is not built for CloudFront: build it again, with cloudfront among --hosts`,
    );
  }
  const router = (await readBuilt(dir, 'edge/cloudfront-function.js')).toString();
  const problems = await findDifferences(dir, snapshot);
  if (problems.length > 0) {
    const shown = problems.slice(0, PROBLEMS_SHOWN);
    const more = problems.length - shown.length;
    if (more > 0) shown.push({ level: 'error', message: `${more} more` });
    throw new UserError(`${dir}/ does not match its ${MANIFEST}: build again`, shown);
  }
  const store = await readStore(dir, snapshot);
  if (readsStore(router) !== (store !== undefined)) {
    throw new UserError(
      `${dir}/ has ${STORE_FILE} or a router that reads it, not both: build again`,
    );
  }
  return { dir, snapshot, manifest, router, ...(store && { store }) };
}

async function readStore(dir: string, snapshot: Snapshot): Promise<BuildStore | undefined> {
  const file = storeFileOf(snapshot);
  if (file === undefined) return undefined;
  const content = await readContent(dir, file);
  const keys = parseStoreKeys(content.toString(), `${dir}/${STORE_FILE}`, snapshot.id);
  readBlocks(snapshot, keys);
  return { keys, content };
}

async function findDifferences(dir: string, snapshot: Snapshot): Promise<Problem[]> {
  const found = await glob('snapshots/**', { cwd: dir, dot: true, stats: true });
  const sizes = new Map(found.map(({ path, stats }) => [path, stats?.size]));
  const problems: Problem[] = [];
  const report = (name: string, message: string) =>
    problems.push({ level: 'error', file: `${dir}/${name}`, message });
  const check = (name: string, size: number) => {
    const found = sizes.get(name);
    sizes.delete(name);
    if (found === undefined) report(name, 'is missing');
    else if (found !== size) report(name, `has ${found} bytes, the manifest lists ${size}`);
  };
  for (const { path, size, gzip } of servedFiles(snapshot)) {
    // Publishing needs only one of the two forms.
    if (gzip) check(`${path}.gz`, gzip.size);
    if (!gzip || sizes.has(path)) check(path, size);
  }
  for (const name of sizes.keys()) report(name, 'is not in the manifest');
  return problems;
}
