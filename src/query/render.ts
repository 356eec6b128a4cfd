import type { Release } from '../catalog/release.ts';
import { labelsOf } from './labels.ts';

/**
 * One release as it stands in an answer for a platform (empty or unknown: the default bundle), as JSON text. Labels are
 * left out where there are none.
 */
export function renderRelease(release: Release, platform: string): string {
  const { labels: _own, ...fields } = release;
  const labels = labelsOf(release);
  return JSON.stringify({
    ...fields,
    ...bundleFor(release, platform),
    ...(labels.length > 0 ? { labels } : {}),
  });
}

/** An answer put together from rendered releases. */
export function renderAnswer(pieces: readonly string[]): string {
  return `[${pieces.join(',')}]\n`;
}

/** Whether the release has a bundle of its own for the platform: one with both a URL and a signature. */
export function hasBundle(release: Release, platform: string): boolean {
  return Object.hasOwn(bundleFor(release, platform), 'download_url');
}

/** What a release's own bundle for a platform puts in the place of the default one; nothing where it has none. */
export function bundleFor(release: Release, platform: string) {
  if (!Object.hasOwn(release.platforms, platform)) return {};
  const { download_url, signature } = release.platforms[platform] ?? {};
  return download_url && signature ? { download_url, signature } : {};
}
