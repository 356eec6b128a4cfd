import {
  type CatalogFile,
  type PlacedRelease,
  placeReleases,
  problemAt,
} from '../../catalog/placed-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { eachPolitely, type PoliteOptions } from '../../lib/http/each-politely.ts';
import { probeUrl } from '../../lib/http/probe-url.ts';
import type { Web } from '../../lib/http/web.ts';
import { type JsonPath, valueAt } from '../../lib/json/finding.ts';

export interface OnlineOptions extends Omit<PoliteOptions, 'sleep'> {
  /** Called after each URL. */
  readonly onProgress: (asked: number, total: number) => void;
}

/** A URL and where it stands in an entry. */
interface Link {
  readonly placed: PlacedRelease;
  readonly path: JsonPath;
  readonly url: string;
}

/** The checks that ask the network. */
export const ONLINE_CHECKS: readonly string[] = ['unreachable-bundle', 'unreachable-page'];

/** URLs of the catalog that do not answer; each is asked once, however often it stands there. */
export async function findUnreachable(
  files: readonly CatalogFile[],
  web: Web,
  { onProgress, ...politeness }: OnlineOptions,
): Promise<Problem[]> {
  const links = placeReleases(files).flatMap(linksOf);
  const urls = [...new Set(links.map(({ url }) => url))];
  let asked = 0;
  const errors = await eachPolitely(urls, { ...politeness, sleep: web.sleep }, async (url) => {
    const error = await probeUrl(web, url);
    asked++;
    onProgress(asked, urls.length);
    return error;
  });
  const byUrl = new Map(urls.map((url, i) => [url, errors[i]]));
  return links.flatMap(({ placed, path, url }) => {
    const error = byUrl.get(url);
    if (!error) return [];
    const isBundle = path.at(-1) === 'download_url';
    return problemAt(placed, path, {
      level: isBundle ? 'error' : 'warning',
      check: isBundle ? 'unreachable-bundle' : 'unreachable-page',
      message: `cannot be reached: ${error.headline}`,
      remedy: 'write the URL where it is now',
    });
  });
}

function linksOf(placed: PlacedRelease): Link[] {
  const { release } = placed;
  const paths: JsonPath[] = [
    ['download_url'],
    ...Object.keys(release.platforms).map((platform) => ['platforms', platform, 'download_url']),
    ['homepage_url'],
    ['release_notes_url'],
    ...['homepage_url', 'support_url', 'release_notes_url'].map((field) => ['manifest', field]),
  ];
  return paths.flatMap((path) => {
    const url = valueAt(release, path);
    return typeof url === 'string' && url !== '' ? [{ placed, path, url }] : [];
  });
}
