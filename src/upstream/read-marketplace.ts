import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { UserError } from '../errors.ts';
import { readUrl } from '../web/read-url.ts';
import type { Web } from '../web/web.ts';
import { WebError } from '../web/web-error.ts';
import { mergeHostings } from './merge-hostings.ts';
import { withoutComputedLabels } from './without-computed-labels.ts';

export interface ReadMarketplaceOptions {
  /** Of the marketplace, without `/api/v1`: `https://api.integrations.mattermost.com`. */
  readonly url: string;
  readonly web: Web;
  /** Of one answer, decompressed; the largest catalogs make some ten million. Default: 256 MiB. */
  readonly mostBytes?: number;
}

/** Where a marketplace does not answer everything at once. */
const PAGE_SIZE = 100;

/** A marketplace that always has one more page is none. */
const MOST_PAGES = 1000;

/** A list comes at once; only bundles may take longer. */
const LIMIT_MS = 5 * 60_000;

/** What is read once and not kept may come compressed; a bundle must not. */
const HEADERS = { accept: 'application/json', 'accept-encoding': 'gzip, br' };

const CHECK_ADDRESS = 'check that it is the address of a plugin marketplace';

/**
 * The catalog of a running marketplace, as its API tells it: every version, edition and hosting, with the bundles of all
 * platforms and without computed labels, so that answers made of it are those of the marketplace. Equal versions of a plugin
 * keep their order; otherwise the order is that of its answers.
 *
 * @throws {UserError} where it cannot be reached, answers too slowly or too much, not as a marketplace, or not of one catalog
 */
export async function readMarketplace(options: ReadMarketplaceOptions): Promise<Release[]> {
  const { url, web, mostBytes = 256 * 2 ** 20 } = options;
  const patient = { ...web, limitMs: Math.min(web.limitMs, LIMIT_MS) };
  const read = (request: string) => readReleases(request, patient, mostBytes);
  const api = `${url.replace(/\/+$/, '')}/api/v1/plugins`;
  // Without a server version and with Enterprise plugins, a server of each hosting is shown everything.
  const view = `${api}?return_all_versions=true&enterprise_plugins=true`;
  const onPrem = await readView(`${view}&cloud=false`, read);
  const cloud = await readView(`${view}&cloud=true`, read);
  const merged = mergeHostings(onPrem, cloud);
  if (merged === null) throw marketplaceError(url, 'changed while it was read', 'try again');
  return merged.map(withoutComputedLabels);
}

/** Reads what a request is answered; undefined where it is refused. */
type Read = (request: string) => Promise<Release[] | undefined>;

/** Everything at once, or in pages where that is refused. */
async function readView(view: string, read: Read): Promise<Release[]> {
  const whole = await read(`${view}&per_page=-1`);
  if (whole !== undefined) return whole;
  const releases: Release[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const request = `${view}&per_page=${PAGE_SIZE}&page=${page}`;
    const found = await read(request);
    if (found === undefined) {
      const remedy = 'name a marketplace that lists all its plugins';
      throw marketplaceError(request, 'answers 400, also to everything at once', remedy);
    }
    releases.push(...found);
    if (found.length < PAGE_SIZE) return releases;
  }
  throw marketplaceError(view, `has more than ${MOST_PAGES} pages`, CHECK_ADDRESS);
}

async function readReleases(
  request: string,
  web: Web,
  mostBytes: number,
): Promise<Release[] | undefined> {
  try {
    return parseAnswer(await readUrl(web, request, { mostBytes, headers: HEADERS }), request);
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    if (error.status === 400) return undefined;
    throw explain(error);
  }
}

function parseAnswer(bytes: Buffer, request: string): Release[] {
  const { releases, problems } = parseCatalog(decode(bytes, request), request);
  if (problems.length === 0) return releases;
  throw new UserError('the marketplace does not answer with a catalog', problems);
}

function decode(bytes: Buffer, request: string): string {
  try {
    // Replacing what is not UTF-8, as is usual, would change names without a word.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw marketplaceError(request, 'answers with something that is not UTF-8', CHECK_ADDRESS);
  }
}

/** What the network said, with what to do about it. */
function explain({ status, url, reason }: WebError): UserError {
  if (status === undefined) {
    return marketplaceError(url, reason, 'check the address and the network, or try again later');
  }
  const isTrouble = status >= 500 || status === 429;
  return marketplaceError(
    url,
    reason,
    isTrouble ? 'it has trouble: try again later' : CHECK_ADDRESS,
  );
}

function marketplaceError(file: string, message: string, remedy: string): UserError {
  return new UserError('the marketplace cannot be read', [
    { level: 'error', file, message, remedy },
  ]);
}
