import type { Label, Release } from '../../catalog/release.ts';
import { formatProblem, type Problem } from '../../lib/errors.ts';
import type { Web } from '../../lib/http/web.ts';
import { labelsOf } from '../../query/labels.ts';
import { type TakeEntriesOptions, type TakenEntries, takeEntries } from '../take-entries.ts';
import { askList, CHECK_ADDRESS, marketplaceError } from './ask-list.ts';
import { mergeHostings } from './merge-hostings.ts';

/** The page size if a marketplace does not answer everything at once. */
const PAGE_SIZE = 100;

/** Limit against a marketplace that always has one more page. */
const MOST_PAGES = 1000;

/** How the views of a marketplace are read. */
export interface ReadViewsOptions extends TakeEntriesOptions {
  readonly web: Web;
  /** Limit for a list, all pages together, decompressed. */
  readonly mostBytes: number;
  /** The header of that name; default: none. */
  readonly authorization?: string | undefined;
}

/**
 * The catalog of a marketplace as its API shows it, without computed labels. Equal versions of a plugin keep their order;
 * otherwise the order is that of its answers.
 *
 * @param base the URL of the marketplace, without a slash at the end
 * @throws {UserError} if it cannot be read, or its answers do not belong to one catalog
 */
export async function readViews(
  base: string,
  { web, mostBytes, authorization, ...options }: ReadViewsOptions,
): Promise<TakenEntries> {
  // Without a server version and with Enterprise plugins, a server of each hosting is shown everything.
  const view = `${base}/api/v1/plugins?return_all_versions=true&enterprise_plugins=true`;
  const read = () => reader({ web, mostBytes, authorization });
  const take = async (hosting: string) =>
    takeEntries(await readView(`${view}&${hosting}`, read()), options);
  const onPrem = await take('cloud=false');
  const cloud = await take('cloud=true');
  const merged = mergeHostings(onPrem.releases, cloud.releases);
  if (merged === null)
    throw marketplaceError(options.from, 'changed while it was read', 'try again');
  return {
    releases: merged.map(withoutComputedLabels),
    warnings: withoutRepeated([...onPrem.warnings, ...cloud.warnings]),
  };
}

/** Warns once about what servers of both hostings see. */
function withoutRepeated(warnings: readonly Problem[]): Problem[] {
  return [...new Map(warnings.map((warning) => [formatProblem(warning), warning])).values()];
}

/** Reads what a request is answered; undefined where it is refused. */
type Read = (view: string) => Promise<readonly unknown[] | undefined>;

/** Everything at once, or in pages where that is refused. */
async function readView(view: string, read: Read): Promise<readonly unknown[]> {
  const whole = await read(`${view}&per_page=-1`);
  if (whole !== undefined) return whole;
  const entries: unknown[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const address = `${view}&per_page=${PAGE_SIZE}&page=${page}`;
    const found = await read(address);
    if (found === undefined) {
      const remedy = 'name a marketplace that lists all its plugins';
      throw marketplaceError(
        address,
        'answers 400, even when asked for everything at once',
        remedy,
      );
    }
    entries.push(...found);
    if (found.length < PAGE_SIZE) return entries;
  }
  throw marketplaceError(view, `has more than ${MOST_PAGES} pages`, CHECK_ADDRESS);
}

/** Reads lists until all of them together have so many bytes. */
function reader(options: Pick<ReadViewsOptions, 'web' | 'mostBytes' | 'authorization'>): Read {
  let leftBytes = options.mostBytes;
  return async (url) => {
    const answer = await askList(url, { ...options, mostBytes: leftBytes });
    if (typeof answer === 'string') return undefined;
    leftBytes -= answer.bytes;
    return answer.entries;
  };
}

/**
 * A release as an answer shows it, in the form of the catalog: without the labels that follow from its other fields, for they
 * are computed again. An answer has the catalog's labels first and then the computed ones, once more for each marketplace
 * that it came through (docs/api.md, difference 5), not all of which know every label. So only trailing labels are left
 * out; such a label before one of the catalog's own is the catalog's, and so is one with another URL. Descriptions
 * may be worded otherwise there.
 */
function withoutComputedLabels(release: Release): Release {
  const computed = labelsOf({ ...release, labels: [] });
  const isOwn = ({ name, url }: Label) =>
    !computed.some((label) => label.name === name && label.url === url);
  const lastOwn = release.labels.findLastIndex(isOwn);
  return { ...release, labels: release.labels.slice(0, lastOwn + 1) };
}
