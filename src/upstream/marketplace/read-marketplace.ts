import { UserError } from '../../lib/errors.ts';
import { ENTITY_TAG, type Web } from '../../lib/http/web.ts';
import { splitUserInfo } from '../../lib/json/user-info.ts';
import { type TakenEntries, takeEntries } from '../take-entries.ts';
import { askList, CHECK_ADDRESS } from './ask-list.ts';
import { type MarketplacePin, readSignedCatalog, type SignedState } from './read-signed.ts';
import { type ReadViewsOptions, readViews } from './read-views.ts';

export interface ReadMarketplaceOptions {
  /** The URL of the marketplace, without `/api/v1`: `https://api.integrations.mattermost.com`. It may have a user and a password. */
  readonly url: string;
  readonly web: Web;
  /** Limit for a list, all pages together, decompressed; the largest have some ten million bytes. Default: 256 MiB. */
  readonly mostBytes?: number;
  /** Whether to warn about a plugin, by its id. Default: about each. */
  readonly isReported?: (id: string) => boolean;
  /** Whether a marketplace without plugins is one. Default: it is an error, for most often it is trouble. */
  readonly mayBeEmpty?: boolean;
  /** What was read before and is the result again if the marketplace answers that its catalog has not changed. */
  readonly kept?: ReadCatalog | undefined;
  /** The keys of its publisher, where what is read must be signed with one. */
  readonly pin?: MarketplacePin | undefined;
}

/** The catalog of a marketplace. */
export interface ReadCatalog extends TakenEntries {
  /** The entity tag of `/catalog.json`, if the releases are all of its entries. */
  readonly etag?: string | undefined;
  /** What its publisher signed, if that was checked. */
  readonly signed?: SignedState | undefined;
}

/** A list comes quickly; only bundles may take longer. */
const LIMIT_MS = 5 * 60_000;

/**
 * The catalog of a running marketplace: every version, edition and hosting, with the bundles of all platforms and without
 * computed labels, so that answers made of it are those of the marketplace. It is read from `/catalog.json`, or where a
 * marketplace has none, and no key is pinned, from its API. Entries that break our rules are passed on or left out, each with a warning.
 *
 * @throws {UserError} if it cannot be reached, answers too slowly or too much, is not a marketplace, is empty, its
 *   answers do not belong to one catalog, or a key is pinned and it is not what its publisher signed
 */
export async function readMarketplace(options: ReadMarketplaceOptions): Promise<ReadCatalog> {
  const { web, mostBytes = 256 * 2 ** 20, isReported = () => true, kept, pin } = options;
  const { url, authorization } = splitUserInfo(options.url);
  const patient = { ...web, limitMs: Math.min(web.limitMs, LIMIT_MS) };
  const base = url.replace(/\/+$/, '');
  const reading = { from: url, isReported, web: patient, mostBytes, authorization };
  const catalog = pin
    ? await readSignedCatalog(base, { ...reading, pin, kept })
    : ((await readWhole(base, reading, kept)) ?? (await readViews(base, reading)));
  if (!options.mayBeEmpty && catalog.releases.length === 0) {
    throw new UserError('the marketplace offers nothing that can be used', [
      { level: 'error', file: url, message: 'lists no plugin', remedy: CHECK_ADDRESS },
      ...catalog.warnings.map((warning) => ({ ...warning, level: 'error' as const })),
    ]);
  }
  return catalog;
}

/** The catalog as the marketplace publishes it; undefined where it does not. */
async function readWhole(
  base: string,
  { web, mostBytes, authorization, ...options }: ReadViewsOptions,
  kept: ReadCatalog | undefined,
): Promise<ReadCatalog | undefined> {
  const etag = kept?.etag;
  const address = `${base}/catalog.json`;
  const answer = await askList(address, {
    ...{ web, mostBytes, authorization, etag },
    mayBeOther: true,
  });
  if (answer === 'refused') return undefined;
  if (answer === 'unchanged') return kept;
  const taken = takeEntries(answer.entries, options);
  // What is left out is reported whenever it is fetched, so it has to be fetched.
  const isWhole = taken.releases.length === answer.entries.length;
  return { ...taken, etag: isWhole ? toTag(answer.headers) : undefined };
}

function toTag(headers: Headers): string | undefined {
  const tag = headers.get('etag') ?? '';
  return ENTITY_TAG.test(tag) ? tag : undefined;
}
