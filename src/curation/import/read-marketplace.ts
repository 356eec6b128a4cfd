import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import { UserError } from '../../errors.ts';
import { readUrl } from '../../web/read-url.ts';
import type { Web } from '../../web/web.ts';
import { WebError } from '../../web/web-error.ts';
import { mergeHostings } from './merge-hostings.ts';
import { withoutComputedLabels } from './without-computed-labels.ts';

/** The largest catalogs make answers of some ten million bytes. */
const MOST_BYTES = 512 * 1024 ** 2;
const PAGE_SIZE = 100;
const MOST_PAGES = 10_000;

/**
 * The whole catalog of a marketplace that runs somewhere, out of its API: every version, edition and hosting, with the
 * bundles for single platforms that each answer lists, and without the labels that the marketplace computes.
 *
 * @param url the address of the marketplace, as a server's settings have it
 * @throws {UserError} where it does not answer, or not with a catalog
 */
export async function readMarketplace(web: Web, url: string): Promise<Release[]> {
  // Without a server version nothing is left out for it, and with Enterprise plugins no edition's are.
  const [onPrem, cloud] = await Promise.all(
    [false, true].map((isCloud) => {
      const query = `return_all_versions=true&enterprise_plugins=true&cloud=${isCloud}`;
      return readList(web, `${url.replace(/\/+$/, '')}/api/v1/plugins?${query}`);
    }),
  );
  const merged = mergeHostings(onPrem ?? [], cloud ?? []);
  if (merged === null) {
    throw new UserError(`the catalog of ${url} changed while it was read: try again`);
  }
  return merged.map(withoutComputedLabels);
}

/** Everything at once, or in pages where that is refused. */
async function readList(web: Web, query: string): Promise<Release[]> {
  try {
    return await readPage(web, `${query}&per_page=-1`);
  } catch (error) {
    if (!(error instanceof WebError && error.status === 400)) throw error;
  }
  const releases: Release[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const more = await readPage(web, `${query}&per_page=${PAGE_SIZE}&page=${page}`);
    releases.push(...more);
    if (more.length < PAGE_SIZE) return releases;
  }
  throw new UserError(`${query} has more than ${MOST_PAGES} pages`);
}

async function readPage(web: Web, url: string): Promise<Release[]> {
  const bytes = await readUrl(web, url, MOST_BYTES);
  const { releases, problems } = parseCatalog(bytes.toString('utf8'), 'its answer');
  if (problems.length > 0) throw new UserError(`${url} does not answer with a catalog`, problems);
  return releases;
}
