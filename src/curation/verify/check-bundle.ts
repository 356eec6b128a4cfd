import type { Manifest } from '../../catalog/release.ts';
import { entryPath } from '../bundles/entry-path.ts';
import type { PluginBundle } from '../bundles/read-bundle.ts';

/** The fields in which the manifest of a bundle must be that of its entry: a server decides by them. */
const SAME_FIELDS = ['id', 'version', 'min_server_version'] as const;

/**
 * In what a bundle is not what its entry says, or lacks what its manifest declares.
 *
 * @param platform empty for a bundle that serves every platform
 * @returns what is wrong, each to follow the name of the bundle
 */
export function checkBundle(
  { manifest, sizes }: PluginBundle,
  entry: Manifest,
  platform: string,
): string[] {
  const differing = SAME_FIELDS.filter((field) => (manifest[field] ?? '') !== (entry[field] ?? ''));
  return [
    ...differing.map(
      (field) =>
        `says ${field} ${JSON.stringify(manifest[field] ?? '')} where the catalog says ${JSON.stringify(entry[field] ?? '')}`,
    ),
    ...checkPrograms(manifest, sizes, platform),
  ];
}

function checkPrograms(
  manifest: Manifest,
  sizes: PluginBundle['sizes'],
  platform: string,
): string[] {
  // `backend` is what `server` was called first; servers still read it.
  const server = asObject(manifest['server'] ?? manifest['backend']);
  if (server === undefined) return [];
  const programs = asObject(server['executables']) ?? {};
  const own = Object.entries(programs).flatMap(([name, program]) =>
    platform === '' || name === platform ? [program] : [],
  );
  // The common program is for platforms without one of their own.
  const needed = [own, [server['executable']]].map((paths) => paths.filter(isPath));
  const paths = needed.find((found) => found.length > 0);
  if (paths === undefined)
    return [`declares no program${platform === '' ? '' : ` for ${platform}`}`];
  return paths
    .filter((path) => !sizes.has(entryPath(path) ?? ''))
    .map((path) => `lacks its program ${JSON.stringify(path)}`);
}

function isPath(path: unknown): path is string {
  return typeof path === 'string' && path !== '';
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
