import type { Release } from '../release.ts';

/** A bundle that a release offers. */
export interface OfferedBundle {
  readonly release: Release;
  /** Empty for the bundle of every platform without one of its own. */
  readonly platform: string;
  readonly url: string;
  /** Base64, or empty. */
  readonly signature: string;
}

/** The bundles of a release: its own, then those for single platforms that the API would answer with. */
export function bundlesOf(release: Release): OfferedBundle[] {
  const { download_url, signature, platforms } = release;
  const own = download_url === '' ? [] : [{ release, platform: '', url: download_url, signature }];
  const others = Object.entries(platforms).flatMap(([platform, bundle]) =>
    bundle.download_url && bundle.signature
      ? [{ release, platform, url: bundle.download_url, signature: bundle.signature }]
      : [],
  );
  return [...own, ...others];
}

/** The bundle that servers of a platform get: their own, or else the common one; undefined if there is neither. */
export function bundleOf(release: Release, platform: string): OfferedBundle | undefined {
  const bundles = bundlesOf(release);
  return (
    bundles.find((bundle) => bundle.platform === platform) ??
    bundles.find((bundle) => bundle.platform === '')
  );
}

/** The name of a bundle in messages: `jira@4.1.0 linux-amd64`. */
export function nameBundle(release: string, platform: string): string {
  return platform === '' ? release : `${release} ${platform}`;
}
