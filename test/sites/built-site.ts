import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NoticeInEffect } from '../../src/catalog/notices/apply-notices.ts';
import type { Release } from '../../src/catalog/release.ts';
import { toRequestTarget } from '../../src/hosts/embedded/connection/to-request-target.ts';
import type { BuildSettings } from '../../src/settings/build-settings.ts';
import { type PlanOptions, planSite } from '../../src/site/plan/plan-site.ts';
import { type WritablePlan, writeSite } from '../../src/site/write-site.ts';
import { makeRouter } from '../../src/snapshot/table/make-router.ts';
import { PLAIN_SITE } from './plain-site.ts';
import { GENEROUS } from './planned-site.ts';

/** A folder that every user may read, as the workers of an nginx that root started must. */
export async function makeReadableFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-site-'));
  await chmod(folder, 0o755);
  return folder;
}

/** A build in a folder of its own. */
export interface BuiltSite {
  readonly out: string;
  /** Of its snapshot. */
  readonly id: string;
  /** In the addresses of what its pages load. */
  readonly digest: string;
  remove(): Promise<void>;
}

/** Builds a catalog for a test, with everything published unless the settings differ. */
export async function builtSite(
  releases: readonly Release[],
  compress: BuildSettings['compress'] = 'both',
  settings: Partial<PlanOptions> = {},
  notices: readonly NoticeInEffect[] = [],
): Promise<BuiltSite> {
  return await write(await planSite({ ...GENEROUS, ...settings, releases }), compress, notices);
}

/**
 * Builds as much of a catalog as some requests to `/api/v1/plugins` are answered from: all of it would be gigabytes for large
 * ones. The router is that of the whole.
 */
export async function builtForQueries(
  releases: readonly Release[],
  queries: readonly string[],
  settings: Partial<PlanOptions> = {},
): Promise<BuiltSite> {
  const plan = await planSite({ ...GENEROUS, ...settings, releases });
  const route = makeRouter(plan.table);
  const paths = new Set(
    queries.map((query) => {
      const routed = route('GET', toRequestTarget(`/api/v1/plugins?${query}`));
      return 'path' in routed ? routed.path : '';
    }),
  );
  const answers = plan.answers.answers.filter((answer) => paths.has(answer.path));
  return await write({ ...plan, answers: { answers } }, 'both');
}

async function write(
  plan: WritablePlan,
  compress: BuildSettings['compress'],
  notices: readonly NoticeInEffect[] = [],
): Promise<BuiltSite> {
  const folder = await makeReadableFolder();
  const out = path.join(folder, 'dist');
  const info = { buildTag: 'v1.0.0', buildHash: 'abcdef0123' };
  const { snapshot } = await writeSite(plan, {
    ...PLAIN_SITE,
    hosts: GENEROUS.hosts,
    out,
    compress,
    notices,
    ...info,
  });
  const { id, router } = snapshot;
  const { digest } = router.table;
  return { out, id, digest, remove: () => rm(folder, { recursive: true, force: true }) };
}
