import type { Label, Release } from '../../catalog/release.ts';
import { type RunsOn, runsOn } from '../../mattermost/platforms.ts';

/** The part of a release in an answer of the API that the list shows. */
export interface AnsweredRelease
  extends Pick<Release, 'icon_data' | 'download_url' | 'updated_at' | 'manifest'> {
  /** Missing if there are none. */
  readonly labels?: readonly Pick<Label, 'name' | 'description' | 'color'>[];
}

/** The texts that the search looks into. */
export interface Searchable {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** A plugin in the list, represented by one of its releases. */
export interface ListedPlugin extends Searchable {
  readonly version: string;
  /** Empty: any. */
  readonly minServerVersion: string;
  readonly runsOn: RunsOn;
  /** RFC 3339. */
  readonly updatedAt: string;
  readonly labels: readonly Pick<Label, 'name' | 'description' | 'color'>[];
  /** A `data:` URL, or empty. */
  readonly icon: string;
  readonly downloadUrl: string;
}

/** The plugin that the list shows for a release in an answer. */
export function toListedPlugin(release: AnsweredRelease): ListedPlugin {
  const { id, name, description, version, min_server_version } = release.manifest;
  return {
    id,
    name: name ?? '',
    description: description ?? '',
    version,
    minServerVersion: min_server_version ?? '',
    // An answer has the bundle of one platform, which reveals nothing about the others.
    runsOn: runsOn({ manifest: release.manifest, download_url: release.download_url }),
    updatedAt: release.updated_at,
    labels: release.labels ?? [],
    icon: release.icon_data,
    downloadUrl: release.download_url,
  };
}
