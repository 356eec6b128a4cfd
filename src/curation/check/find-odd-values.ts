import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';
import { type JsonPath, valueAt } from '../../lib/json/finding.ts';
import { foldId } from '../../mattermost/install/manifest-rules.ts';
import { findRefusedSettings } from '../../mattermost/refused-settings.ts';

const URLS: readonly JsonPath[] = [
  ['homepage_url'],
  ['download_url'],
  ['release_notes_url'],
  ['manifest', 'homepage_url'],
  ['manifest', 'support_url'],
  ['manifest', 'release_notes_url'],
];

/** Something in a release that is hardly intended. */
interface OddValue {
  readonly check: string;
  readonly path: JsonPath;
  readonly message: string;
  readonly remedy: string;
}

/** A plugin whose id has capitals: servers write ids in lower case when they install, and compare them as they are in a list. */
export function findCapitals([first]: readonly LocatedRelease[]): Problem[] {
  if (first === undefined) return [];
  const { id } = first.release.manifest;
  const installed = foldId(id);
  if (id === installed) return [];
  return [
    problemAt(first, ['manifest', 'id'], {
      level: 'warning',
      check: 'capital-id',
      message: `has capitals: a server installs it as ${JSON.stringify(installed)}, and goes on listing it as not installed`,
      remedy: 'write the id in lower case, here and in the bundle',
    }),
  ];
}

/** Values of a release that are allowed, and odd by themselves. */
export function findOddValues(located: LocatedRelease, now: Date): Problem[] {
  const { release } = located;
  return [
    ...findDoubledUrls(release),
    ...findFutureDate(release, now),
    ...findRefusedSettings(release.manifest).map(({ path, ...setting }) => ({
      check: 'refused-setting',
      path: ['manifest', ...path],
      ...setting,
    })),
  ].map(({ path, ...odd }) => problemAt(located, path, { level: 'warning', ...odd }));
}

function findDoubledUrls(release: Release): OddValue[] {
  return URLS.filter((path) => isDoubled(valueAt(release, path))).map((path) => ({
    check: 'doubled-url',
    path,
    message: 'is two web addresses run together',
    remedy: 'write one of them',
  }));
}

/** An archive or a proxy has the address of another site behind a slash, and a parameter may hold one. */
function isDoubled(url: unknown): boolean {
  if (typeof url !== 'string') return false;
  const [, rest = ''] = /^https?:\/\/(.*)$/is.exec(url) ?? [];
  const second = /(^|.)https?:\/\/([^/?#]*)/is.exec(rest);
  if (second === null) return false;
  const [, before = '', host = ''] = second;
  const [ownHost = ''] = rest.split(/[/?#]/);
  if (before === '/') return host.toLowerCase() === ownHost.toLowerCase();
  return !/[?#&=]/.test(before);
}

function findFutureDate({ updated_at }: Release, now: Date): OddValue[] {
  if (!(Date.parse(updated_at) > now.getTime())) return [];
  return [
    {
      check: 'future-date',
      path: ['updated_at'],
      message: `is in the future: it is ${now.toISOString()} now`,
      remedy: 'write when the release was added or changed',
    },
  ];
}
