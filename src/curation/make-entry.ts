import type { Bundle } from '../catalog/release.ts';
import type { Entry } from '../catalog/schema.ts';
import type { PluginBundle } from './bundles/read-bundle.ts';

/** What people decide about a release; the rest comes from its bundle. */
export interface Placement {
  readonly author: 'mattermost' | 'partner' | 'community';
  readonly stage: 'production' | 'beta' | 'experimental';
  readonly isEnterprise: boolean;
  /** Empty: both. */
  readonly hosting: '' | 'cloud' | 'on-prem';
}

export interface MakeEntryOptions {
  readonly bundle: PluginBundle;
  readonly placement: Placement;
  readonly repoName: string;
  readonly downloadUrl: string;
  /** Base64, or empty. */
  readonly signature: string;
  readonly platforms: Readonly<Record<string, Bundle>>;
  readonly now: Date;
  /** What the source of the release provides, if anything. */
  readonly known?: KnownRelease;
}

/** What is known about a release besides its bundle; the bundle takes precedence. Empty means unknown. */
export interface KnownRelease {
  readonly homepageUrl: string;
  readonly releaseNotesUrl: string;
  /** As in RFC 3339. */
  readonly updatedAt: string;
}

/** The entry of a release, its fields in the order in which catalogs have them. */
export function makeEntry({ bundle, placement, known, ...release }: MakeEntryOptions): Entry {
  const { manifest, iconData } = bundle;
  return {
    homepage_url: textOf(manifest['homepage_url']) || (known?.homepageUrl ?? ''),
    icon_data: iconData,
    download_url: release.downloadUrl,
    release_notes_url: textOf(manifest['release_notes_url']) || (known?.releaseNotesUrl ?? ''),
    hosting: placement.hosting,
    author_type: placement.author,
    release_stage: placement.stage,
    enterprise: placement.isEnterprise,
    signature: release.signature,
    repo_name: release.repoName,
    manifest: manifest as Entry['manifest'],
    platforms: release.platforms as NonNullable<Entry['platforms']>,
    updated_at: known?.updatedAt || release.now.toISOString(),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
