import type { Release } from '../../../catalog/release.ts';
import { type RunsOn, runsOn } from '../../../mattermost/platforms.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { orNewer, shortVersion } from '../../shared/server-words.ts';
import { platformWords } from '../../shared/words.ts';
import { type PluginSetting, readSettings } from '../settings/plugin-settings.ts';

/**
 * The release that another is compared with: the next older version, if possible one for the same hosting.
 *
 * @param releases of one plugin, in the order of an index
 */
export function findPrevious(
  release: IndexedRelease,
  releases: readonly IndexedRelease[],
): IndexedRelease | undefined {
  const after = releases.slice(releases.indexOf(release) + 1);
  const older = after.filter(({ versionRank }) => versionRank !== release.versionRank);
  return older.find((one) => one.release.hosting === release.release.hosting) ?? older[0];
}

/** What changed for administrators from a release to a newer one: the servers, the platforms, the settings. */
export function describeChanges(older: Release, newer: Release): Piece[] {
  return [
    describeServers(older, newer),
    ...describePlatforms(runsOn(older), runsOn(newer)),
    ...describeSettings(settingsOf(older), settingsOf(newer)),
  ].filter((change) => change !== undefined);
}

function describeServers(older: Release, newer: Release): Piece {
  const [before, after] = [older, newer].map(({ manifest }) => manifest.min_server_version || '');
  if (before === after || before === undefined) return undefined;
  if (!after) return `Now runs on any server, not only ${orNewer(before)}`;
  const former = before === '' ? 'any server' : `server ${shortVersion(before)}`;
  return `Needs server ${shortVersion(after)} instead of ${former}`;
}

function describePlatforms(before: RunsOn, after: RunsOn): Piece[] {
  if (typeof before === 'string' || typeof after === 'string') {
    const [was, is] = [before, after].map((on) => platformWords(on) ?? 'Not stated');
    return was === is ? [] : [`Platforms: ${is}; before: ${was}`];
  }
  const added = after.filter((platform) => !before.includes(platform));
  const removed = before.filter((platform) => !after.includes(platform));
  return [
    added.length === 0 ? undefined : `Also runs on ${platformWords(added)}`,
    removed.length === 0 ? undefined : `No longer runs on ${platformWords(removed)}`,
  ];
}

function settingsOf({ manifest }: Release): PluginSetting[] {
  return readSettings(manifest).flatMap(({ settings }) => settings);
}

function describeSettings(before: PluginSetting[], after: PluginSetting[]): Piece[] {
  return [
    nameSettings('New settings', without(after, before)),
    nameSettings('Settings removed', without(before, after)),
  ];
}

function without(settings: PluginSetting[], others: PluginSetting[]): PluginSetting[] {
  const keys = new Set(others.map(({ key }) => key));
  return settings.filter(({ key }) => !keys.has(key));
}

function nameSettings(what: string, settings: PluginSetting[]): Piece {
  if (settings.length === 0) return undefined;
  const names = settings.map(({ name }, i) => [i === 0 ? '' : ', ', h('bdi', {}, name)]);
  return [`${what}: `, names];
}
