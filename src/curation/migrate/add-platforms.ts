import type { Bundle } from '../../catalog/release.ts';
import type { Entry } from '../../catalog/schema.ts';
import type { Web } from '../../web/web.ts';
import { findPlatformBundles, STORE_PLATFORMS } from '../plugin-store.ts';
import { withField } from './with-field.ts';

/**
 * The entry with the bundles for single platforms that the plugin store has and it lacks. An entry that names no repository
 * stays as it is: the store goes by its name.
 *
 * @throws {WebError} where the store does not say
 */
export async function addPlatforms(web: Web, store: string, entry: Entry): Promise<Entry> {
  const { repo_name: repo, manifest, platforms } = entry;
  const known: Readonly<Record<string, Bundle | null>> = platforms ?? {};
  const lacking = STORE_PLATFORMS.filter(([platform]) => !isComplete(known[platform]));
  if (!repo || lacking.length === 0) return entry;
  const release = { store, repo, tag: `v${manifest.version}` };
  const found = await findPlatformBundles(web, release, lacking);
  if (Object.keys(found).length === 0) return entry;
  // What is there stays in its place, with fields that we do not know.
  const merged = new Map(Object.entries(known));
  for (const [platform, bundle] of Object.entries(found)) {
    merged.set(platform, { ...known[platform], ...bundle });
  }
  return withField(entry, 'platforms', Object.fromEntries(merged) as NonNullable<typeof platforms>);
}

function isComplete(bundle: Bundle | null | undefined): boolean {
  return Boolean(bundle?.download_url && bundle.signature);
}
