import type { Label, Release } from '../catalog/release.ts';
import { formatProblem, type Problem, UserError } from '../lib/errors.ts';
import { readWhole, request, type WebAnswer } from '../lib/http/request.ts';
import { CHECK_NETWORK, isHtml, unexpectedAnswer } from '../lib/http/unexpected-answer.ts';
import type { Web } from '../lib/http/web.ts';
import { WebError } from '../lib/http/web-error.ts';
import { parseJson } from '../lib/json/parse-json.ts';
import { labelsOf } from '../query/labels.ts';
import { mergeHostings } from './merge-hostings.ts';
import { type TakenEntries, takeEntries } from './take-entries.ts';

export interface ReadMarketplaceOptions {
  /** The URL of the marketplace, without `/api/v1`: `https://api.integrations.mattermost.com`. */
  readonly url: string;
  readonly web: Web;
  /** Limit for a list, all pages together, decompressed; the largest have some ten million bytes. Default: 256 MiB. */
  readonly mostBytes?: number;
  /** Whether to warn about a plugin, by its id. Default: about each. */
  readonly isReported?: (id: string) => boolean;
  /** Whether a marketplace without plugins is one. Default: it is an error, for most often it is trouble. */
  readonly mayBeEmpty?: boolean;
}

/** The page size if a marketplace does not answer everything at once. */
const PAGE_SIZE = 100;

/** Limit against a marketplace that always has one more page. */
const MOST_PAGES = 1000;

/** A list comes quickly; only bundles may take longer. */
const LIMIT_MS = 5 * 60_000;

/** A body that is not kept may be compressed; a bundle must not be. */
const HEADERS = { accept: 'application/json', 'accept-encoding': 'gzip, br' };

const CHECK_ADDRESS = 'check that it is the address of a plugin marketplace';

/**
 * The catalog of a running marketplace, as its API shows it: every version, edition and hosting, with the bundles of all
 * platforms and without computed labels, so that answers made of it are those of the marketplace. Equal versions of a plugin
 * keep their order; otherwise the order is that of its answers. Entries that break our rules are passed on or left out, each
 * with a warning.
 *
 * @throws {UserError} if it cannot be reached, answers too slowly or too much, is not a marketplace, is empty, or its
 *   answers do not belong to one catalog
 */
export async function readMarketplace(options: ReadMarketplaceOptions): Promise<TakenEntries> {
  const { url, web, mostBytes = 256 * 2 ** 20, isReported = () => true } = options;
  const patient = { ...web, limitMs: Math.min(web.limitMs, LIMIT_MS) };
  const api = `${url.replace(/\/+$/, '')}/api/v1/plugins`;
  // Without a server version and with Enterprise plugins, a server of each hosting is shown everything.
  const view = `${api}?return_all_versions=true&enterprise_plugins=true`;
  const take = async (hosting: string) =>
    takeEntries(await readView(`${view}&${hosting}`, reader(patient, mostBytes)), {
      from: url,
      isReported,
    });
  const onPrem = await take('cloud=false');
  const cloud = await take('cloud=true');
  const warnings = withoutRepeated([...onPrem.warnings, ...cloud.warnings]);
  if (!options.mayBeEmpty && onPrem.releases.length + cloud.releases.length === 0) {
    throw new UserError('the marketplace offers nothing that can be used', [
      { level: 'error', file: url, message: 'lists no plugin', remedy: CHECK_ADDRESS },
      ...warnings.map((warning) => ({ ...warning, level: 'error' as const })),
    ]);
  }
  const merged = mergeHostings(onPrem.releases, cloud.releases);
  if (merged === null) throw marketplaceError(url, 'changed while it was read', 'try again');
  return { releases: merged.map(withoutComputedLabels), warnings };
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
function reader(web: Web, mostBytes: number): Read {
  let leftBytes = mostBytes;
  return async (url) => {
    const { entries, bytes } = await readEntries(url, web, leftBytes);
    leftBytes -= bytes;
    return entries;
  };
}

async function readEntries(url: string, web: Web, mostBytes: number) {
  try {
    return await request(web, url, { mostBytes, headers: HEADERS }, async (answer) => {
      const body = await readWhole(answer);
      return { entries: parseList(body, url, answer), bytes: body.length };
    });
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    if (error.status === 400) return { entries: undefined, bytes: 0 };
    throw explain(error);
  }
}

/** An empty body and null are not an empty list: the reference answers `[]`. */
function parseList(body: Buffer, url: string, answer: WebAnswer): readonly unknown[] {
  const text = decode(body, url).trim();
  const unexpected = () => unexpectedAnswer(url, answer, body, 'a list of plugins in JSON');
  if (text === '' || text.startsWith('<') || isHtml(answer.headers)) throw unexpected();
  const parsed = parseJson(text, url);
  if ('problems' in parsed) {
    const remedy = `try again later, or ${CHECK_NETWORK}`;
    throw new UserError(
      'the marketplace does not answer with a list of plugins',
      parsed.problems.map((problem) => {
        return { ...problem, message: `is not whole: ${problem.message}`, remedy };
      }),
    );
  }
  if (!Array.isArray(parsed.value)) throw unexpected();
  return parsed.value;
}

function decode(bytes: Buffer, url: string): string {
  try {
    // Replacing what is not UTF-8, as is usual, would change names without a word.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw marketplaceError(url, 'answers with something that is not UTF-8', CHECK_ADDRESS);
  }
}

/** The network's error, with a remedy. */
function explain({ status, url, reason }: WebError): UserError {
  if (status === undefined) {
    return marketplaceError(url, reason, 'check the address and the network, or try again later');
  }
  const [what = reason, unexpected] = reason.split(` — ${CHECK_NETWORK}`);
  if (unexpected !== undefined) return marketplaceError(url, what, CHECK_NETWORK);
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
