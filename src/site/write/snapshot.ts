import { createHash } from 'node:crypto';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import type { PartPlan } from '../plan/part-plan.ts';
import type { Published } from '../plan/published.ts';
import type { FileEntry } from './write-files.ts';

/** What `snapshot.json` says of a build. */
export interface Snapshot {
  /** The digest of the snapshot's files and of the router's code. */
  readonly id: string;
  /** Which forms the files are there in: plain, as `<path>.gz` where that is smaller, or both. */
  readonly compress: BuildSettings['compress'];
  readonly catalog: {
    readonly plugins: number;
    readonly releases: number;
    /** The versions of each plugin by its id, highest first: what two snapshots differ in. */
    readonly versions: Readonly<Record<string, readonly string[]>>;
  };
  /** What of the space of answers is there. */
  readonly published: {
    /** The server versions at which some answer changes. */
    readonly steps: readonly string[];
    /** The platforms that get bundles of their own. */
    readonly platforms: readonly string[];
    /** Whether newest versions can be searched by text. */
    readonly search: boolean;
    /** The page sizes beside the whole answer. */
    readonly pageSizes: Published['pageSizes'];
    /** The parts of the space of answers: what each costs, and whether it is there. */
    readonly parts: readonly PartPlan[];
  };
  /** What routes requests to the files: readers of a build use their own router with this table, and run no code of it. */
  readonly router: {
    /** Of the router's code: equal where the same table makes the same bytes. */
    readonly version: string;
    readonly table: RoutingTable;
  };
  /** Every file of the build but `snapshot.json` itself, in the order of the paths. */
  readonly files: readonly FileEntry[];
}

/** Hex digits of an id: 64 bits. */
const ID_LENGTH = 16;

/** Stands for the id in the router until the id is known. */
export const ID_PLACEHOLDER = 'snapshot-id-0000';

/**
 * The name of a snapshot: equal for equal contents, in whatever form they are written.
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
