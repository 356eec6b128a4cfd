import { bundleOf } from '../../../src/catalog/bundles/bundles-of.ts';
import { STRICT_VERSION } from '../../../src/catalog/problems/strict-version.ts';
import type { Release } from '../../../src/catalog/release.ts';
import { newestFor, type Selection } from '../../../src/curation/select-releases.ts';
import { UsageError } from '../../../src/lib/errors.ts';
import { SERVER_PLATFORMS } from '../../../src/mattermost/server-line.ts';
import { parseWholeNumber } from '../../../src/settings/setting.ts';

interface SelectionFlags {
  readonly serverVersion: readonly string[];
  readonly newest: string | undefined;
  readonly plugin: readonly string[];
  readonly platform: readonly string[];
}

/** One Mattermost server. */
export interface OneServer {
  readonly serverVersion: string;
  readonly platform: string;
}

/** The releases that flags name. @throws {UsageError} */
export function readSelection({
  serverVersion: serverVersions,
  newest,
  plugin,
}: SelectionFlags): Selection {
  const wrong = serverVersions.find((version) => !STRICT_VERSION.test(version));
  if (wrong !== undefined) {
    throw new UsageError(
      `--server-version takes a version such as 9.11.0, not ${JSON.stringify(wrong)}`,
    );
  }
  const most = newest === undefined ? Number.POSITIVE_INFINITY : parseWholeNumber(newest);
  if (most === null) {
    throw new UsageError(`--newest takes a whole number, not ${JSON.stringify(newest)}`);
  }
  return { plugins: plugin, serverVersions, newest: most };
}

/** The server whose `prepackaged_plugins` is to be written. @throws {UsageError} */
export function readServer(flags: SelectionFlags, keys: readonly unknown[]): OneServer {
  const [serverVersion, ...otherVersions] = readSelection(flags).serverVersions;
  const [platform, ...otherPlatforms] = flags.platform;
  if (serverVersion === undefined || platform === undefined) {
    throw new UsageError(
      'name the server of the folder with --server-version and --platform, such as linux-amd64',
    );
  }
  if (otherVersions.length + otherPlatforms.length > 0) {
    throw new UsageError(
      'a prepackaged_plugins folder is for one server: name one --server-version and one --platform',
    );
  }
  if (keys.length === 0) {
    throw new UsageError(
      'name the public keys that the servers have with --key: they install no other prepackaged plugins',
    );
  }
  return { serverVersion, platform };
}

/** An unknown name would silently leave out the intended platform. @throws {UsageError} */
export function knownPlatforms(wanted: readonly string[], releases: readonly Release[]) {
  const known = new Set([
    ...SERVER_PLATFORMS,
    ...releases.flatMap(({ platforms }) => Object.keys(platforms)),
  ]);
  const unknown = wanted.find((platform) => !known.has(platform));
  if (unknown === undefined) return wanted;
  throw new UsageError(
    `${JSON.stringify(unknown)} is not a platform of any server or release; known are ${[...known].sort().join(', ')}`,
  );
}

/** The releases that one server installs, each with no other bundle than the server's. */
export function narrowTo(
  releases: readonly Release[],
  { serverVersion, platform }: OneServer,
): Release[] {
  return newestFor(releases, serverVersion).map((release) => {
    const own = bundleOf(release, platform)?.platform === '' ? null : release.platforms[platform];
    if (!own) return { ...release, platforms: {} };
    return { ...release, download_url: '', signature: '', platforms: { [platform]: own } };
  });
}
