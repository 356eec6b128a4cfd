import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { UserError } from '../errors.ts';
import { type Fetch, type GetOptions, getAnswer, upstreamError } from './get-answer.ts';
import { mergeViews } from './merge-views.ts';
import { withoutComputedLabels } from './without-computed-labels.ts';

export interface FetchCatalogOptions {
  /** Of the marketplace, without `/api/v1`: `https://api.integrations.mattermost.com`. */
  readonly url: string;
  readonly fetch: Fetch;
  /** For one answer. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Of one answer. Default: 64 MiB. */
  readonly maxBytes?: number;
}

/** Where a marketplace does not answer everything at once. */
const PAGE_SIZE = 100;

/** A marketplace that always has one more page is none. */
const MAX_PAGES = 1000;

/**
 * The catalog of a running marketplace, as its API tells it: every release with the bundles of all platforms, in catalog form,
 * so that answers made of it are those of the marketplace. Equal versions of a plugin keep their order; otherwise the order is
 * that of its answers.
 *
 * @throws {UserError} where it cannot be reached, answers too slowly or too much, or not as a marketplace
 */
export async function fetchCatalog(options: FetchCatalogOptions): Promise<Release[]> {
  const { url, fetch, timeoutMs = 60_000, maxBytes = 64 * 2 ** 20 } = options;
  const get = { fetch, timeoutMs, maxBytes };
  // Without a server version and with enterprise plugins, these two are shown everything.
  const onPrem = await fetchView(url, 'cloud=false', get);
  const cloud = await fetchView(url, 'cloud=true', get);
  return mergeViews(onPrem, cloud);
}

async function fetchView(base: string, hosting: string, get: GetOptions): Promise<Release[]> {
  const view = `return_all_versions=true&enterprise_plugins=true&${hosting}`;
  const whole = await fetchReleases(toRequest(base, `${view}&per_page=-1`), get);
  if (whole !== undefined) return whole;
  const releases: Release[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const request = toRequest(base, `${view}&per_page=${PAGE_SIZE}&page=${page}`);
    const found = await fetchReleases(request, get);
    if (found === undefined)
      throw upstreamError(request, 'is refused', 'name a marketplace that lists all its plugins');
    releases.push(...found);
    if (found.length < PAGE_SIZE) return releases;
  }
  throw upstreamError(base, `has more than ${MAX_PAGES} pages`, 'check that it is a marketplace');
}

/** Undefined where the request is refused. */
async function fetchReleases(request: string, get: GetOptions): Promise<Release[] | undefined> {
  const answer = await getAnswer(request, get);
  if ('isRefused' in answer) return undefined;
  const { releases, problems } = parseCatalog(answer.text, request);
  if (problems.length > 0) {
    throw new UserError(
      'the upstream marketplace answers with something else than a list of releases',
      problems,
    );
  }
  return releases.map(withoutComputedLabels);
}

function toRequest(base: string, query: string): string {
  return `${base.replace(/\/+$/, '')}/api/v1/plugins?${query}`;
}
