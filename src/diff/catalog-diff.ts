import type { NoticeInEffect } from '../catalog/notices/apply-notices.ts';
import type { Audience } from '../query/audience/audience.ts';

/** What a change of the catalog changes for whom, as `npm run diff -- --json` tells it. */
export interface CatalogDiff {
  /** The releases that are in the new catalog only and were not suspended before, by id and then by version. */
  readonly added: readonly ReleaseName[];
  /** The releases that are in the old catalog only and are not suspended now. */
  readonly removed: readonly ReleaseName[];
  /** The notices that are new to some release. */
  readonly noticed: readonly NoticeInEffect[];
  /** The notices that some release is rid of. */
  readonly lifted: readonly NoticeInEffect[];
  /** The plugins of which some request is answered otherwise, in the order of a list. */
  readonly plugins: readonly PluginDiff[];
}

export interface ReleaseName {
  readonly id: string;
  readonly version: string;
}

export interface PluginDiff {
  readonly id: string;
  /** As its newest release has it; empty where that has none. */
  readonly name: string;
  /** What is offered as the newest release, and to whom. */
  readonly newest: readonly NewestChange[];
  /** What can be installed by its version, where it does not follow from `newest`. */
  readonly byVersion: readonly VersionChange[];
}

/** Another release is offered than before, or the same version in another form. */
export interface NewestChange {
  /** Null: the plugin was not offered. */
  readonly from: string | null;
  /** Null: the plugin is not offered any more. */
  readonly to: string | null;
  /** What changed of a version that stays; empty where the version changes. */
  readonly fields: readonly FieldChange[];
  /** Disjoint, the newest servers first. */
  readonly audiences: readonly Audience[];
}

/** Versions that can be installed by their number since the change, or no longer, or in another form. */
export interface VersionChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** Highest first; these share everything below. */
  readonly versions: readonly string[];
  /** What changed; empty where a version was added or removed. */
  readonly fields: readonly FieldChange[];
  readonly audiences: readonly Audience[];
}

/** A field of an answer that differs. */
export interface FieldChange {
  /** Such as `manifest.description` or `platforms.linux-amd64.signature`. */
  readonly path: string;
  /** Absent where there was none. */
  readonly from?: unknown;
  /** Absent where there is none any more. */
  readonly to?: unknown;
}
