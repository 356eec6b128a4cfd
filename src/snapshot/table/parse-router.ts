import { z } from 'zod';
import { type Problem, UserError } from '../../lib/errors.ts';
import { describeIssues, MOST_PROBLEMS } from '../../lib/json/describe-issues.ts';
import { showValue } from '../../lib/json/finding.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { findTableFaults, type TableFault } from './find-table-faults.ts';

/** The router of a build in `snapshot.json`. */
export interface BuildRouter {
  /** Identifies its code, without a table: `bundle-router.ts`. */
  readonly version: string;
  readonly table: RoutingTable;
  /** What the CloudFront Function carries; missing where the build is not for CloudFront. */
  readonly cloudFront?: RoutingTable;
}

/** A hundred times what CloudFront takes. */
const packed = z.string().max(2 ** 20, 'is longer than a million characters');

const count = z.int().min(0).max(1e6);

/** A whole letter, so that a replacement is never longer. */
const letter = z.string().regex(/^[^\ud800-\udfff]$/u, 'is not a letter');

const table = z.strictObject({
  root: packed,
  steps: packed,
  platforms: packed,
  patterns: packed,
  classes: packed,
  plugins: packed,
  lists: packed,
  kinds: packed,
  allLists: z.boolean(),
  longest: z.array(count).length(2),
  pageSizes: z.array(z.array(z.int().min(1)).max(1000)).length(3),
  texts: packed,
  onlyIds: z.boolean(),
  abbreviations: packed.max(2 ** 13, 'is longer than all abbreviations can be'),
  idAbbreviations: packed.max(2 ** 13, 'is longer than all abbreviations can be'),
  lowerCase: z
    .array(letter)
    .max(4000)
    .refine(
      (letters) => letters.length % 2 === 0 && letters.every((each, i) => i % 2 || each > '\x7f'),
      'is not pairs of a letter beyond ASCII and its lower-case one',
    ),
  users: z
    .string()
    .regex(/^[0-9a-f]{80}(?: [0-9a-f]{80}){0,49}$/, 'is not a list of users')
    .exactOptional(),
  files: count,
  digest: z.string().regex(/^[0-9a-z]{8}$/, 'is not a digest of 8 digits'),
});

const router = z.strictObject({
  version: z.string().regex(/^[0-9a-f]{16}$/, 'is not a digest of 16 hex digits'),
  table,
  cloudFront: table.extend({ blocks: count.min(1).exactOptional() }).exactOptional(),
});

/**
 * The router of a build, from its `snapshot.json`. Our own code routes requests with it: that of the build never runs.
 *
 * @param file how messages call the manifest
 * @throws {UserError} with at most 20 problems and their locations
 */
export function parseRouter(
  { id, router: given }: { readonly id: string; readonly router?: unknown },
  file: string,
): BuildRouter {
  if (given === undefined) {
    throw new UserError(`${file} has no routing table, an older version wrote it: build again`);
  }
  const checked = router.safeParse(given, { reportInput: true });
  const problems = checked.success
    ? findFaults(checked.data, id, file)
    : describeIssues(checked.error, file, ['router']);
  if (!checked.success || problems.length > 0) {
    throw new UserError(`${file} has a routing table that no build writes: build again`, problems);
  }
  return checked.data;
}

function findFaults({ table, cloudFront }: BuildRouter, id: string, file: string): Problem[] {
  const faults = [
    ...faultsOf(table, id, 'table'),
    ...(cloudFront ? faultsOf(cloudFront, id, 'cloudFront') : []),
  ];
  return faults.slice(0, MOST_PROBLEMS).map(({ location, ...fault }) => ({
    level: 'error',
    file,
    path: `router.${location}`,
    ...fault,
  }));
}

function faultsOf(table: RoutingTable, id: string, field: string): TableFault[] {
  const root = `/snapshots/${id}/`;
  const wrong = { location: 'root', found: showValue(table.root), message: `is not ${root}` };
  const faults = [...(table.root === root ? [] : [wrong]), ...findTableFaults(table)];
  return faults.map((fault) => ({ ...fault, location: `${field}.${fault.location}` }));
}
