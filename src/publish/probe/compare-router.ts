import { bundleCloudFrontFunction, routerVersion } from '../../hosts/bundle-router.ts';
import { UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import { ID_PLACEHOLDER } from '../../snapshot/snapshot-id.ts';

/**
 * Whether a router is, byte for byte, what this version writes from the routing table of its snapshot. If another version wrote
 * it, only a test on CloudFront shows what it does: the code never runs here.
 *
 * @throws {UserError} if this version wrote it, and it is something else
 */
export async function isOwnRouter({ id, router }: Snapshot, code: string): Promise<boolean> {
  // As a build does: the short names in the code depend on all of it.
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const own = await bundleCloudFrontFunction({ ...router.table, root });
  if (code === own.replace(root, router.table.root)) return true;
  if (router.version !== (await routerVersion())) return false;
  throw new UserError(
    `the router of snapshot ${id} does not match its routing table: nothing went live; build it again and deploy that`,
  );
}

/** The notice if `isOwnRouter` is false. */
export const OTHER_ROUTER = 'Another version wrote the router: only CloudFront tests it';
