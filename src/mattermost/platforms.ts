import { commonProgram, isText, ownPrograms, serverPart } from './install/manifest-rules.ts';

/** The manifest of an offer; only its id and version are certain. */
export interface OfferedManifest {
  readonly id: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

/** The platforms that a manifest has a program for, by name; null if one program, or none, serves them all. */
export function declaredPlatforms(manifest: OfferedManifest): string[] | null {
  const part = serverPart(manifest);
  if (part === undefined || commonProgram(part) !== undefined) return null;
  return ownPrograms(part).map(([platform]) => platform);
}

/** The platform that the name of a bundle ends with, as stores and FIPS builds write it; empty if it names none. */
export function platformOfName(name: string): string {
  const [, platform = ''] =
    /-((?:linux|darwin|osx|windows|freebsd)-\w+)\.tar\.gz$/.exec(name) ?? [];
  // The name of macOS in the store until 2024.
  return platform.replace(/^osx-/, 'darwin-');
}

/** A release with its bundles. An answer has one bundle only, and no `platforms`. */
export interface BundledRelease {
  readonly manifest: OfferedManifest;
  readonly download_url: string;
  readonly platforms?: Readonly<Record<string, PlatformBundle>>;
}

/** The bundle of a platform: it counts only where it has both. */
interface PlatformBundle {
  readonly download_url?: string | null;
  readonly signature?: string | null;
}

/** The platforms that have a bundle of their own. */
export function ownPlatforms(platforms: NonNullable<BundledRelease['platforms']>): string[] {
  return Object.entries(platforms).flatMap(([platform, { download_url, signature }]) =>
    isText(download_url) && isText(signature) ? [platform] : [],
  );
}

/**
 * Where a release runs: the platforms that it has a program and a bundle for; `any` where it has no program of its own, but
 * runs in browsers only; `unstated` where it has one program, and nothing states its platforms.
 */
export type RunsOn = readonly string[] | 'any' | 'unstated';

/** Where a release runs, judged by its manifest and its bundles. */
export function runsOn({ manifest, download_url, platforms }: BundledRelease): RunsOn {
  const declared = declaredPlatforms(manifest);
  if (declared === null) return serverPart(manifest) ? 'unstated' : 'any';
  if (platforms === undefined) return declared;
  const own = ownPlatforms(platforms);
  const common = platformOfName(download_url);
  return declared.filter((platform) => {
    const isInCommon = download_url !== '' && (common === '' || common === platform);
    return isInCommon || own.includes(platform);
  });
}
