import { createHash } from 'node:crypto';
import type { FileEntry } from './write-files.ts';

/** What `snapshot.json` says of a build. */
export interface Snapshot {
  /** The digest of the snapshot's files and of the router's code. */
  readonly id: string;
  readonly catalog: { readonly plugins: number; readonly releases: number };
  /** What of the space of answers is there. */
  readonly published: {
    /** The server versions at which some answer changes. */
    readonly steps: readonly string[];
    /** The platforms that get bundles of their own. */
    readonly platforms: readonly string[];
    /** The page sizes beside the whole answer. */
    readonly pageSizes: readonly number[];
  };
  /** Every file of the build but `snapshot.json` itself, in the order of the paths. */
  readonly files: readonly FileEntry[];
}

/** Hex digits of an id: 64 bits. */
const ID_LENGTH = 16;

/** Stands for the id in the router until the id is known. */
export const ID_PLACEHOLDER = 'snapshot-id-0000';

/**
 * The name of a snapshot: equal for equal contents.
 *
 * @param files with paths inside the snapshot
 * @param router the router's code, with the placeholder for the id
 */
export function snapshotId(files: readonly FileEntry[], router: string): string {
  const hash = createHash('sha256');
  for (const { path, sha256, contentType } of files)
    hash.update(`${sha256} ${contentType} ${path}\n`);
  return hash.update(router).digest('hex').slice(0, ID_LENGTH);
}
