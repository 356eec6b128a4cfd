import glob from 'fast-glob';
import { digestOf } from '../lib/digests.ts';
import { type Problem, UserError } from '../lib/errors.ts';
import {
  type Snapshot,
  type SnapshotFile,
  servedFiles,
  signedFile,
} from '../snapshot/parse-snapshot.ts';
import { readContent } from '../snapshot/read-content.ts';
import {
  MANIFEST,
  type ReadSnapshot,
  readBuilt,
  readSignedFile,
  readSnapshot,
} from '../snapshot/read-snapshot.ts';
import type { StoredFile } from './aws/target.ts';
import {
  parseStoreKeys,
  readBlocks,
  readsStore,
  STORE_FILE,
  type StoreKeys,
  storeFileOf,
} from './store/store-keys.ts';
import { buildName, hostFiles, plainFiles } from './stored-files.ts';

/** A build on disk. */
export interface Build extends ReadSnapshot {
  readonly dir: string;
  /** The code of the CloudFront Function, or the name of the build in a store that hosts read. */
  readonly router: string;
  /** What is stored of it. */
  readonly files: readonly StoredFile[];
  /** The content of one of these. @throws {UserError} if it does not match the manifest */
  readonly read: (file: StoredFile) => Promise<Buffer>;
  /** What that function reads in a KeyValueStore; absent if it reads none. */
  readonly store?: BuildStore;
  /** What is signed about it, `signed.json`, or that nothing is; absent in builds of earlier versions. */
  readonly signed?: Buffer;
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
  refuseDifferences(dir, await findDifferences(dir, snapshot));
  const store = await readStore(dir, snapshot);
  if (readsStore(router) !== (store !== undefined)) {
    throw new UserError(
      `${dir}/ has ${STORE_FILE} or a router that reads it, not both: build again`,
    );
  }
  const byKey = new Map(servedFiles(snapshot).map((file) => [file.path, file]));
  const read = ({ key }: StoredFile) => readContent(dir, byKey.get(key) as SnapshotFile);
  const files = plainFiles(snapshot);
  const signed = await readSignedFile(dir, snapshot.id);
  const others = { ...(signed && { signed }), ...(store && { store }) };
  return { dir, snapshot, manifest, router, files, read, ...others };
}

/**
 * Reads a build for a store that hosts read, as `readBuild` does. What only CloudFront has of the routing table is left out.
 *
 * @throws {UserError} if there is no build, or a file is missing or of another size
 */
export async function readHostBuild(dir: string): Promise<Build> {
  const { snapshot, manifest } = await readSnapshot(dir);
  const files = hostFiles(snapshot, manifest);
  const found = await glob(['snapshots/**', 'edge/**', '*'], { cwd: dir, dot: true, stats: true });
  const sizes = new Map(found.map(({ path, stats }) => [path, stats?.size]));
  const problems = files.flatMap(({ path, size }): Problem[] => {
    const message = describeSize(sizes.get(path), size);
    return message === undefined ? [] : [{ level: 'error', file: `${dir}/${path}`, message }];
  });
  refuseDifferences(dir, problems);
  const read = async ({ path, sha256 }: StoredFile) => {
    const content = await readBuilt(dir, path);
    if (digestOf(content) === sha256) return content;
    throw new UserError(`${dir}/${path} does not have the digest in ${MANIFEST}: build again`);
  };
  const router = buildName(snapshot, manifest);
  const signed = await readSignedFile(dir, snapshot.id);
  const known = { dir, snapshot: withoutCloudFront(snapshot), manifest, router, files, read };
  return { ...known, ...(signed && { signed }) };
}

/** A snapshot as hosts other than CloudFront have it. */
export function withoutCloudFront(snapshot: Snapshot): Snapshot {
  const { cloudFront: _, ...router } = snapshot.router;
  return { ...snapshot, router };
}

function refuseDifferences(dir: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, PROBLEMS_SHOWN);
  const more = problems.length - shown.length;
  if (more > 0) shown.push({ level: 'error', message: `${more} more` });
  throw new UserError(`${dir}/ does not match its ${MANIFEST}: build again`, shown);
}

function describeSize(found: number | undefined, size: number): string | undefined {
  if (found === undefined) return 'is missing';
  return found === size ? undefined : `has ${found} bytes, the manifest lists ${size}`;
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
    const message = describeSize(found, size);
    if (message !== undefined) report(name, message);
  };
  sizes.delete(signedFile(snapshot.id));
  for (const { path, size, gzip } of servedFiles(snapshot)) {
    // Publishing needs only one of the two forms.
    if (gzip) check(`${path}.gz`, gzip.size);
    if (!gzip || sizes.has(path)) check(path, size);
  }
  for (const name of sizes.keys()) report(name, 'is not in the manifest');
  return problems;
}
