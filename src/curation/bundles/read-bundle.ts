import { createReadStream } from 'node:fs';
import type { Manifest } from '../../catalog/release.ts';
import { UserError } from '../../errors.ts';
import { BUNDLE_LIMITS, type BundleLimits } from './bundle-limits.ts';
import { entryPath } from './entry-path.ts';
import { iconData } from './icon-data.ts';
import { MANIFEST_NAMES, parseManifest } from './parse-manifest.ts';
import { ArchiveError, walkArchive } from './walk-archive.ts';

/** What the catalog wants to know of a plugin bundle. */
export interface PluginBundle {
  readonly manifest: Manifest;
  /** The icon that the manifest names, as a data URL; empty where it names none. */
  readonly iconData: string;
  /** The size of each file in bytes, by its path inside the plugin's folder. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Reads a plugin bundle from disk without unpacking it: a `.tar.gz` with the manifest at its top or in its only folder.
 *
 * @param name how errors name it, such as its URL
 * @throws {UserError} where it is no plugin bundle, or one that is made to harm
 */
export async function readBundle(
  file: string,
  name: string,
  limits: BundleLimits = BUNDLE_LIMITS,
): Promise<PluginBundle> {
  try {
    const isManifest = (path: string) => MANIFEST_NAMES.includes(path.split('/').at(-1) ?? '');
    const { sizes, wanted } = await walkArchive(createReadStream(file), limits, (path) =>
      isManifest(path) && path.split('/').length <= 2 ? limits.manifestBytes : undefined,
    );
    const root = rootOf([...sizes.keys()]);
    const manifestName = MANIFEST_NAMES.find((candidate) => wanted.has(`${root}${candidate}`));
    if (manifestName === undefined) {
      throw new ArchiveError('has no plugin.json, neither at its top nor in its only folder');
    }
    const bytes = wanted.get(`${root}${manifestName}`) as Buffer;
    const manifest = parseManifest(bytes, manifestName);
    const inside = [...sizes].map(([path, size]) => [path.slice(root.length), size] as const);
    return {
      manifest,
      iconData: await readIcon(file, root, manifest['icon_path'], limits),
      sizes: new Map(inside),
    };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new UserError(`the bundle ${name} ${error.message}`);
  }
}

/** The folder that holds everything, with a slash; empty where there is none. */
function rootOf(paths: readonly string[]): string {
  const tops = new Set(paths.map((path) => path.slice(0, path.indexOf('/') + 1)));
  return tops.size === 1 ? ([...tops][0] ?? '') : '';
}

/** The archive is read once more: where the icon lies, only the manifest tells, and that may stand after it. */
async function readIcon(
  file: string,
  root: string,
  iconPath: unknown,
  limits: BundleLimits,
): Promise<string> {
  if (iconPath === undefined || iconPath === null || iconPath === '') return '';
  const path = typeof iconPath === 'string' ? entryPath(iconPath) : null;
  const shown = JSON.stringify(iconPath);
  if (path === null) throw new ArchiveError(`has an icon_path that leads nowhere: ${shown}`);
  const { wanted } = await walkArchive(createReadStream(file), limits, (candidate) =>
    candidate === `${root}${path}` ? limits.iconBytes : undefined,
  );
  const bytes = wanted.get(`${root}${path}`);
  if (bytes === undefined) throw new ArchiveError(`lacks its icon, ${shown}`);
  const data = iconData(bytes);
  if (data === null) {
    throw new ArchiveError(`has an icon, ${shown}, that is no SVG, PNG, JPEG, GIF or WebP image`);
  }
  return data;
}
