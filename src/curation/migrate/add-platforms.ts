import type { Bundle } from '../../catalog/release.ts';
import type { Entry } from '../../catalog/schema.ts';
import type { Web } from '../../lib/http/web.ts';
import { decodePlus, findPlatformBundles, storePlatforms } from '../plugin-store.ts';
import { withField } from './with-field.ts';

/**
 * Adds the bundles for single platforms that the plugin store has and the entry lacks. An entry without a repository
 * stays as it is: the store is keyed by the repository's name.
 *
 * @throws {WebError} if the store gives no clear answer
 */
export async function addPlatforms(web: Web, store: string, entry: Entry): Promise<Entry> {
  const { repo_name: repo, manifest, platforms } = entry;
  const known: Readonly<Record<string, Bundle | null>> = platforms ?? {};
  const lacking = storePlatforms(manifest).filter((platform) => !isComplete(known[platform]));
  if (!repo || lacking.length === 0) return entry;
  const release = { store, repo, tag: tagOf(entry, repo) };
  const found = await findPlatformBundles(web, release, lacking);
  if (Object.keys(found).length === 0) return entry;
  // Existing bundles keep their position and unknown fields.
  const merged = new Map(Object.entries(known));
  for (const [platform, bundle] of Object.entries(found)) {
    merged.set(platform, { ...known[platform], ...bundle });
  }
  return withField(entry, 'platforms', Object.fromEntries(merged) as NonNullable<typeof platforms>);
}

/** The name of the bundle has it: a build for FIPS, `v1.2.0+abc-fips`, has the version of the usual one. */
function tagOf({ download_url: url, manifest }: Entry, repo: string): string {
  const name = decodePlus(url?.split('/').at(-1) ?? '');
  const isNamedSo = name.startsWith(`${repo}-`) && name.endsWith('.tar.gz');
  const tag = isNamedSo ? name.slice(`${repo}-`.length, -'.tar.gz'.length) : '';
  return tag.startsWith(`v${manifest.version}+`) ? tag : `v${manifest.version}`;
}

function isComplete(bundle: Bundle | null | undefined): boolean {
  return Boolean(bundle?.download_url && bundle.signature);
}
