import { createReadStream } from 'node:fs';
import type { Manifest } from '../../catalog/release.ts';
import { UserError } from '../../lib/errors.ts';
import {
  type BundleFinding,
  entryPath,
  type UnpackedFile,
  unpackEntries,
} from '../../mattermost/install/archive.ts';
import { findManifest, MANIFEST_NAMES } from '../../mattermost/install/bundle.ts';
import { ArchiveError } from './archive-error.ts';
import { BUNDLE_LIMITS, type BundleLimits } from './bundle-limits.ts';
import { parseManifest } from './parse-manifest.ts';
import { walkArchive } from './walk-archive.ts';

/** What the catalog needs from a plugin bundle. */
export interface PluginBundle {
  readonly manifest: Manifest;
  /** Whether the manifest is written in YAML. */
  readonly isYaml: boolean;
  /** The icon that the manifest names, as a data URL; empty if it names none that browsers show. */
  readonly iconData: string;
  /** By their paths inside the plugin's folder. */
  readonly files: ReadonlyMap<string, UnpackedFile>;
  /** Notes on the archive and its icon, worded to follow the name of the bundle. */
  readonly warnings: readonly string[];
}

/**
 * Reads a plugin bundle from disk without unpacking it: a `.tar.gz` with the manifest where a server looks for it.
 *
 * @param name its name in errors, such as its URL
 * @throws {UserError} if no server could unpack it, find and read its manifest, or if it is malicious
 */
export async function readBundle(
  file: string,
  name: string,
  limits: BundleLimits = BUNDLE_LIMITS,
): Promise<PluginBundle> {
  try {
    const isManifest = (path: string) => MANIFEST_NAMES.includes(path.split('/').at(-1) ?? '');
    const { entries, wanted } = await walkArchive(createReadStream(file), limits, (path) =>
      isManifest(path) && path.split('/').length <= 2 ? limits.manifestBytes : undefined,
    );
    const unpacked = unpackEntries(entries);
    const broken = unpacked.findings.find(({ level }) => level === 'error');
    if (broken) throw new ArchiveError(broken.message);
    const found = findManifest(unpacked);
    if ('missing' in found) throw new ArchiveError(found.missing);
    const manifest = parseManifest(wanted.get(found.path) as Buffer, found.name);
    const { root } = unpacked;
    const icon = await readIcon(file, root, manifest['icon_path'], limits);
    const inside = [...unpacked.files].map(
      ([path, one]) => [path.slice(root.length), one] as const,
    );
    return {
      manifest,
      isYaml: !found.name.endsWith('.json'),
      iconData: icon.data ?? '',
      files: new Map(inside),
      warnings: [
        ...unpacked.findings.map(tellFinding),
        ...(icon.reason === undefined ? [] : [`${icon.reason}: the entry gets no icon`]),
      ],
    };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new UserError(`the bundle ${name} ${error.message}`);
  }
}

/** A finding with the servers that it is about. */
function tellFinding({ message, lines }: BundleFinding): string {
  return lines === undefined ? message : `${message}, on servers of ${lines}`;
}

interface Icon {
  readonly data?: string;
  /** Why there is no icon although the manifest names one. */
  readonly reason?: string;
}

/** Reads the archive again: only the manifest gives the path of the icon, and it may come after the icon. */
async function readIcon(
  file: string,
  root: string,
  iconPath: unknown,
  limits: BundleLimits,
): Promise<Icon> {
  if (iconPath === undefined || iconPath === null || iconPath === '') return {};
  const path = typeof iconPath === 'string' ? entryPath(iconPath) : null;
  const shown = JSON.stringify(iconPath);
  if (path === null) return { reason: `has an icon_path that leads nowhere, ${shown}` };
  let isTooLarge = false;
  const { wanted } = await walkArchive(createReadStream(file), limits, (candidate, sizeBytes) => {
    if (candidate !== `${root}${path}`) return undefined;
    isTooLarge = sizeBytes > limits.iconBytes;
    return isTooLarge ? undefined : limits.iconBytes;
  });
  if (isTooLarge) return { reason: `has an icon of more than ${limits.iconBytes} bytes, ${shown}` };
  const bytes = wanted.get(`${root}${path}`);
  if (bytes === undefined) return { reason: `lacks its icon, ${shown}` };
  const data = iconData(bytes);
  return data === null
    ? { reason: `has an icon, ${shown}, that is not an SVG, PNG, JPEG, GIF or WebP image` }
    : { data };
}

/** Image formats that browsers show, with what their files begin with. */
const FORMATS: readonly (readonly [type: string, isOne: (bytes: Buffer) => boolean])[] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff'],
  ['image/gif', (bytes) => /^GIF8[79]a/.test(bytes.subarray(0, 6).toString('latin1'))],
  ['image/webp', (bytes) => /^RIFF.{4}WEBP/s.test(bytes.subarray(0, 12).toString('latin1'))],
  ['image/svg+xml', isSvg],
];

/** An icon as `icon_data` has it, such as `data:image/svg+xml;base64,…`; null if it is not an image that browsers show. */
function iconData(bytes: Buffer): string | null {
  const format = FORMATS.find(([, isOne]) => isOne(bytes));
  return format ? `data:${format[0]};base64,${bytes.toString('base64')}` : null;
}

/** Up to this length, an XML declaration, comments and a document type may precede the root. */
function isSvg(bytes: Buffer): boolean {
  const text = bytes
    .subarray(0, 4096)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const root = /<(?![?!])[^\s>/]*/.exec(text.replace(/<!--.*?-->/gs, ''));
  return root?.[0] === '<svg' && /^\s*</.test(text);
}
