import { createHash } from 'node:crypto';
import type { SnapshotFile } from './parse-snapshot.ts';

/** Hex digits of an id: 64 bits. */
const ID_LENGTH = 16;

/** Stands for the id in the router until the id is known. */
export const ID_PLACEHOLDER = 'snapshot-id-0000';

/** Stands for the digest of what pages load until that is known. */
export const DIGEST_PLACEHOLDER = 'digest00';

/** The root and the digest of a table until they are known. */
export const UNNAMED = { root: `/snapshots/${ID_PLACEHOLDER}/`, digest: DIGEST_PLACEHOLDER };

/** Code that was made of a table with `UNNAMED`, with the names in place of these. */
export const nameCode = (code: string, { root, digest }: typeof UNNAMED): string =>
  code.replace(UNNAMED.root, root).replace(UNNAMED.digest, digest);

/**
 * The name of a snapshot: equal for equal contents, in whatever form they are written.
 *
 * @param files with paths inside the snapshot
 * @param router the router's code, with the placeholder for the id
 */
export function snapshotId(files: readonly SnapshotFile[], router: string): string {
  const hash = createHash('sha256');
  for (const { path, sha256, contentType } of files)
    hash.update(`${sha256} ${contentType} ${path}\n`);
  return hash.update(router).digest('hex').slice(0, ID_LENGTH);
}
