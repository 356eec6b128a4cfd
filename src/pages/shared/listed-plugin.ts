import type { Release } from '../../catalog/release.ts';
import { type RunsOn, runsOn } from '../../mattermost/platforms.ts';
import { bundleFor } from '../../query/render.ts';
import { formatDay } from './words.ts';

/** The texts that the search looks into. */
export interface Searchable {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** What the list knows of a release. */
export interface ListedRelease
  extends Pick<
    Release,
    'hosting' | 'author_type' | 'release_stage' | 'enterprise' | 'labels' | 'download_url'
  > {
  readonly version: string;
  readonly name: string;
  readonly description: string;
  /** Empty: any. */
  readonly min_server_version: string;
  readonly runs_on: RunsOn;
  /** The day in UTC, `2024-05-17`; empty: unknown. */
  readonly listed_on: string;
  /** The addresses of its bundles for single platforms. */
  readonly downloads: Readonly<Record<string, string>>;
}

/** What all releases of a plugin have in common in the list. */
export interface PluginFacts {
  readonly id: string;
  /** Its page, from the root of the site. */
  readonly page: string;
  /** The icon of its newest release, from the root of the site; undefined: none. */
  readonly icon?: string | undefined;
  /** The days of its first and its latest release; empty: unknown. */
  readonly added_on: string;
  readonly updated_on: string;
}

/** A plugin in the list, represented by one of its releases. */
export interface ListedPlugin extends PluginFacts, ListedRelease {}

/** What the list shows of a release. */
export function listRelease(release: Release): ListedRelease {
  const { hosting, author_type, release_stage, enterprise, labels, download_url } = release;
  const { version, name, description, min_server_version } = release.manifest;
  const downloads = Object.keys(release.platforms).flatMap((platform) => {
    const { download_url: own } = bundleFor(release, platform);
    return own === undefined ? [] : [[platform, own] as const];
  });
  return {
    ...{ hosting, author_type, release_stage, enterprise, labels, download_url },
    version,
    name: name ?? '',
    description: description ?? '',
    min_server_version: min_server_version ?? '',
    runs_on: runsOn(release),
    listed_on: formatDay(release.updated_at)?.iso ?? '',
    downloads: Object.fromEntries(downloads),
  };
}

/** The address of the bundle that a server on a platform gets. */
export function downloadFor({ downloads, download_url }: ListedRelease, platform: string): string {
  return (Object.hasOwn(downloads, platform) && downloads[platform]) || download_url;
}
