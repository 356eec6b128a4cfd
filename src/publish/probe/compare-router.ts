import { bundleCloudFrontFunction, routerVersion } from '../../hosts/bundle-router.ts';
import { UserError } from '../../lib/errors.ts';
import { ID_PLACEHOLDER, type Snapshot } from '../../site/write/snapshot.ts';

/**
 * Whether the code of a snapshot's function is, to the byte, what this version writes from its routing table; not where another
 * version wrote it: then only CloudFront can tell what it does. The code is never run here.
 *
 * @throws {UserError} where this version wrote it, and it is something else
 */
export async function isOwnRouter({ id, router }: Snapshot, code: string): Promise<boolean> {
  // As a build does, for the names in the code depend on all that is in it.
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const own = await bundleCloudFrontFunction({ ...router.table, root });
  if (code === own.replace(root, router.table.root)) return true;
  if (router.version !== (await routerVersion())) return false;
  throw new UserError(
    `the router of snapshot ${id} is not what its routing table makes: nothing went live; build it again and deploy that`,
  );
}

/** What is said where `isOwnRouter` is false. */
export const OTHER_ROUTER = 'Another version wrote the router: it is compared on CloudFront alone';
