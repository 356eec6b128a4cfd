import glob from 'fast-glob';
import { type Problem, UserError } from '../lib/errors.ts';
import type { Snapshot } from '../site/write/snapshot.ts';
import { readBuilt } from '../snapshot/read-built.ts';
import { servedFiles } from './plan-upload.ts';
import { parseManifest } from './records/parse-manifest.ts';

/** A build on disk, checked as far as that goes without reading every file. */
export interface Build {
  readonly dir: string;
  readonly snapshot: Snapshot;
  /** `snapshot.json` as it stands there. */
  readonly manifest: Buffer;
  /** The code of the CloudFront Function. */
  readonly router: string;
}

/** The files of a build that say what it is. */
const MANIFEST = 'snapshot.json';
const ROUTER = 'edge/cloudfront-function.js';

/**
 * Reads a build's manifest and router, and compares the files that are there with those that the manifest lists. Their
 * contents are checked when they are read.
 *
 * @throws {UserError} where there is no build, or files are missing, of another size, or not listed
 */
export async function readBuild(dir: string): Promise<Build> {
  const manifest = await readBuilt(dir, MANIFEST);
  const snapshot = parseManifest(manifest.toString(), `${dir}/${MANIFEST}`);
  const router = (await readBuilt(dir, ROUTER)).toString();
  const problems = await findDifferences(dir, snapshot);
  if (problems.length > 0) {
    throw new UserError(`${dir}/ is not the build that its ${MANIFEST} lists: build again`, [
      ...problems.slice(0, PROBLEMS_SHOWN),
      ...(problems.length > PROBLEMS_SHOWN
        ? [{ level: 'error', message: `${problems.length - PROBLEMS_SHOWN} more` } as const]
        : []),
    ]);
  }
  return { dir, snapshot, manifest, router };
}

/** So many show what is wrong. */
const PROBLEMS_SHOWN = 10;

async function findDifferences(dir: string, { id, files }: Snapshot): Promise<Problem[]> {
  const found = await glob('snapshots/**', { cwd: dir, dot: true, stats: true });
  const sizes = new Map(found.map(({ path, stats }) => [path, stats?.size]));
  const problems: Problem[] = [];
  const check = (name: string, size: number) => {
    const found = sizes.get(name);
    sizes.delete(name);
    if (found === size) return;
    const message =
      found === undefined ? 'is missing' : `has ${found} bytes, the manifest says ${size}`;
    problems.push({ level: 'error', file: `${dir}/${name}`, message });
  };
  for (const { path, size, gzip } of servedFiles({ id, files })) {
    // One form is enough to publish it.
    if (gzip) check(`${path}.gz`, gzip.size);
    if (!gzip || sizes.has(path)) check(path, size);
  }
  for (const name of sizes.keys()) {
    problems.push({ level: 'error', file: `${dir}/${name}`, message: 'is not in the manifest' });
  }
  return problems;
}
