import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { eachPolitely, type PoliteOptions } from '../../lib/http/each-politely.ts';
import { request } from '../../lib/http/request.ts';
import type { Web } from '../../lib/http/web.ts';
import { WebError } from '../../lib/http/web-error.ts';
import { type JsonPath, valueAt } from '../../lib/json/finding.ts';

export interface OnlineOptions extends Omit<PoliteOptions, 'sleep'> {
  /** Called after each URL. */
  readonly onProgress: (asked: number, total: number) => void;
}

/** A URL and its path in an entry. */
interface Link {
  readonly located: LocatedRelease;
  readonly path: JsonPath;
  readonly url: string;
}

/** The checks that ask the network. */
export const ONLINE_CHECKS: readonly string[] = ['unreachable-bundle', 'unreachable-page'];

/** URLs of the catalog that do not answer; each is requested once, however often it occurs. */
export async function findUnreachable(
  located: readonly LocatedRelease[],
  web: Web,
  { onProgress, ...politeness }: OnlineOptions,
): Promise<Problem[]> {
  const links = located.flatMap(linksOf);
  const urls = [...new Set(links.map(({ url }) => url))];
  let asked = 0;
  const errors = await eachPolitely(urls, { ...politeness, sleep: web.sleep }, async (url) => {
    const error = await probeUrl(web, url);
    asked++;
    onProgress(asked, urls.length);
    return error;
  });
  const byUrl = new Map(urls.map((url, i) => [url, errors[i]]));
  return links.flatMap(({ located, path, url }) => {
    const error = byUrl.get(url);
    if (!error) return [];
    const isBundle = path.at(-1) === 'download_url';
    return problemAt(located, path, {
      level: isBundle ? 'error' : 'warning',
      check: isBundle ? 'unreachable-bundle' : 'unreachable-page',
      message: `cannot be reached: ${error.headline}`,
      remedy: 'write the URL where it is now',
    });
  });
}

function linksOf(located: LocatedRelease): Link[] {
  const { release } = located;
  const paths: JsonPath[] = [
    ['download_url'],
    ...Object.keys(release.platforms).map((platform) => ['platforms', platform, 'download_url']),
    ['homepage_url'],
    ['release_notes_url'],
    ...['homepage_url', 'support_url', 'release_notes_url'].map((field) => ['manifest', field]),
  ];
  return paths.flatMap((path) => {
    const url = valueAt(release, path);
    return typeof url === 'string' && url !== '' ? [{ located, path, url }] : [];
  });
}

/**
 * Whether a URL answers: HEAD, and where that is refused, which some servers do on principle, a GET of the first byte.
 *
 * @returns what is wrong, or null
 */
async function probeUrl(web: Web, url: string): Promise<WebError | null> {
  const asked = async () => null;
  try {
    return await request(web, url, { method: 'HEAD', mostBytes: 0 }, asked);
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    if (error.status === undefined) return error;
  }
  try {
    const headers = { range: 'bytes=0-0' };
    // A server without range support sends everything: drop the body, whatever its length.
    return await request(web, url, { headers, mostBytes: Number.MAX_SAFE_INTEGER }, asked);
  } catch (error) {
    if (error instanceof WebError) return error;
    throw error;
  }
}
