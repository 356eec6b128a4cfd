import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';
import type { JsonPath } from '../../lib/json/finding.ts';

interface Wanted {
  readonly check: string;
  readonly path: JsonPath;
  readonly isThere: (release: Release) => boolean;
  readonly message: string;
  readonly remedy: string;
}

/** What a release should have so that people can choose it. */
const WANTED: readonly Wanted[] = [
  {
    check: 'missing-icon',
    path: ['icon_data'],
    isThere: ({ icon_data }) => icon_data !== '',
    message: 'is empty, so lists show no icon',
    remedy: 'add the release again from a bundle whose manifest names one in icon_path',
  },
  {
    check: 'missing-name',
    path: ['manifest', 'name'],
    isThere: ({ manifest }) => isFilled(manifest.name),
    message: 'is empty, and lists show and order plugins by name',
    remedy: 'write what people call the plugin',
  },
  {
    check: 'missing-description',
    path: ['manifest', 'description'],
    isThere: ({ manifest }) => isFilled(manifest.description),
    message: 'is empty, so nobody can see what the plugin does',
    remedy: 'write a sentence or two',
  },
  {
    check: 'missing-home-page',
    path: ['homepage_url'],
    isThere: ({ homepage_url }) => homepage_url !== '',
    message: 'is empty, so the plugin has no home page',
    remedy: 'write the URL of a page that describes the plugin',
  },
  {
    check: 'missing-release-notes',
    path: ['release_notes_url'],
    isThere: ({ release_notes_url }) => release_notes_url !== '',
    message: 'is empty, so the release has no notes',
    remedy: 'write the URL of a page that describes what is new',
  },
];

/** Reports what a release leaves out but should have. */
export function findMissing(located: LocatedRelease): Problem[] {
  return WANTED.filter(({ isThere }) => !isThere(located.release)).map(
    ({ path, check, message, remedy }) =>
      problemAt(located, path, { level: 'warning', check, message, remedy }),
  );
}

function isFilled(text: string | null | undefined): boolean {
  return text !== undefined && text !== null && text.trim() !== '';
}
