import { readWhole, request } from '../../lib/http/request.ts';
import { ENTITY_TAG, type Web } from '../../lib/http/web.ts';
import { isAbsent, showUrl, WebError } from '../../lib/http/web-error.ts';
import { MOST_STATEMENT_BYTES } from '../../lib/json/read-text.ts';
import {
  type CheckStatementOptions,
  checkStatement,
  distrusted,
  type TrustedStatement,
} from '../../signatures/statement.ts';
import { takeEntries } from '../take-entries.ts';
import { askList, explainWebError } from './ask-list.ts';
import type { ReadCatalog } from './read-marketplace.ts';
import type { ReadViewsOptions } from './read-views.ts';

/** The keys of a marketplace's publisher, one of which must have signed what it has. */
export type MarketplacePin = Pick<CheckStatementOptions, 'keys' | 'now' | 'flag'>;

/** What is known of the statement that a catalog was read by. */
export interface SignedState
  extends Pick<TrustedStatement, 'snapshot' | 'catalog' | 'counter' | 'expires' | 'key'> {
  /** The entity tag of `/signed.json`; absent where the catalog has to be read again each time. */
  readonly etag?: string | undefined;
}

/** How it is read, and what was read before. */
export interface ReadSignedOptions extends ReadViewsOptions {
  readonly pin: MarketplacePin;
  readonly kept: ReadCatalog | undefined;
}

/**
 * The catalog of a marketplace, `/catalog.json`, if it is what its publisher signed, and no older than what was read before. As long
 * as that stands, one conditional request tells.
 *
 * @throws {UserError} if it cannot be read, or is not to be trusted
 */
export async function readSignedCatalog(
  base: string,
  options: ReadSignedOptions,
): Promise<ReadCatalog> {
  const { web, mostBytes, authorization, pin, kept, ...taking } = options;
  const known = kept?.signed;
  // A host may name equal snapshots by equal tags, and then does not tell that one was signed anew.
  const isFresh = known !== undefined && Date.parse(known.expires) > pin.now.getTime();
  const found = await askStatement(base, options, isFresh ? known.etag : undefined);
  if (found === 'unchanged' && kept) return kept;
  let state = found as SignedState;
  if (kept && known?.etag !== undefined && known.catalog === state.catalog) {
    return { ...kept, signed: state };
  }
  const address = `${base}/catalog.json`;
  const list = await askList(address, { web, mostBytes, authorization, mayBeOther: true });
  const sha256 = typeof list === 'string' ? '' : list.sha256;
  // Another snapshot may have gone live between the two requests.
  if (sha256 !== state.catalog) state = (await askStatement(base, options)) as SignedState;
  if (typeof list === 'string' || sha256 !== state.catalog) {
    const remedy =
      'while another state goes live, caches may differ for some minutes: try again then; if it stays so, somebody changed it';
    const message = `is not the catalog that is signed, whose SHA-256 is ${state.catalog}`;
    throw distrusted({ file: showUrl(address), message, remedy });
  }
  const taken = takeEntries(list.entries, taking);
  // What is left out is reported whenever it is fetched, so it has to be fetched.
  const isWhole = taken.releases.length === list.entries.length;
  return { ...taken, signed: { ...state, etag: isWhole ? state.etag : undefined } };
}

/** What the marketplace says it has, checked against the keys and against what it said before. */
async function askStatement(
  base: string,
  { web, authorization, pin, kept }: ReadSignedOptions,
  etag?: string,
): Promise<SignedState | 'unchanged'> {
  const url = `${base}/signed.json`;
  const answer = await ask(url, web, { etag, authorization }).catch((error: unknown) => {
    if (!(error instanceof WebError)) throw error;
    // As far as marketplaces tell that are of another kind, or of an earlier version.
    if (error.status === 400 || isAbsent(error))
      return { text: '{"signed":null}', etag: undefined };
    throw explainWebError(error);
  });
  if (answer === 'unchanged') return answer;
  const label = showUrl(url);
  const statement = await checkStatement(answer.text, label, { ...pin, site: base });
  const { snapshot, catalog, counter, expires, key } = statement;
  const before = kept?.signed;
  const isOther = before?.counter === counter && before.snapshot !== snapshot;
  if (before !== undefined && (counter < before.counter || isOther)) {
    throw distrusted({
      file: label,
      message: `has the counter ${counter}, and ${before.counter} was seen before${isOther ? ', of another snapshot' : ''}: an old state is handed out as the present one`,
      remedy:
        'ask its publisher: after a rollback that is meant, the marketplace has to be signed and deployed again',
    });
  }
  return { snapshot, catalog, counter, expires, key, etag: answer.etag };
}

async function ask(
  url: string,
  web: Web,
  { etag, authorization = '' }: { etag: string | undefined; authorization: string | undefined },
) {
  const headers = {
    accept: 'application/json',
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(authorization && { authorization }),
  };
  const options = { mostBytes: MOST_STATEMENT_BYTES, headers };
  return await request(web, url, options, async (answer) => {
    if (answer.status === 304) return 'unchanged' as const;
    const text = (await readWhole(answer)).toString();
    const tag = answer.headers.get('etag') ?? '';
    return { text, etag: ENTITY_TAG.test(tag) ? tag : undefined };
  });
}
