/** A downloadable bundle for one platform. It counts only where both fields are non-empty. */
export interface Bundle {
  readonly download_url?: string | null;
  /** Base64 of the detached signature. */
  readonly signature?: string | null;
  readonly [unknown: string]: unknown;
}

/** A label shown beside a plugin. */
export interface Label {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly color: string;
  readonly [unknown: string]: unknown;
}

/** The plugin's own `plugin.json`, exactly as in the catalog. Only `id` and `version` are certain. */
export interface Manifest {
  readonly id: string;
  /** A strict semantic version. */
  readonly version: string;
  readonly name?: string | null;
  readonly description?: string | null;
  /** A strict semantic version, or empty for any server. */
  readonly min_server_version?: string | null;
  readonly [unknown: string]: unknown;
}

/**
 * One entry of `plugins.json`: one version of one plugin, under its wire names, with the defaults of the API filled in.
 * Unknown fields are kept.
 */
export interface Release {
  readonly homepage_url: string;
  readonly icon_data: string;
  readonly download_url: string;
  readonly release_notes_url: string;
  /** Empty means both. */
  readonly hosting: '' | 'on-prem' | 'cloud';
  readonly author_type: '' | 'mattermost' | 'partner' | 'community';
  readonly release_stage: '' | 'production' | 'beta' | 'experimental';
  readonly enterprise: boolean;
  readonly signature: string;
  readonly repo_name: string;
  readonly labels: readonly Label[];
  readonly manifest: Manifest;
  /** Keyed by `os-arch`, such as `linux-amd64`. */
  readonly platforms: Readonly<Record<string, Bundle>>;
  /** RFC 3339. */
  readonly updated_at: string;
  readonly [unknown: string]: unknown;
}
