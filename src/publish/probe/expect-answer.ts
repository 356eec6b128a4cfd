import { digestOf } from '../../lib/digests.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import { makeRouter, makeStoreRouter } from '../../snapshot/table/make-router.ts';
import { readBlocks, type StoreKeys } from '../store/store-keys.ts';
import type { ViewerRequest } from './viewer-requests.ts';

/** What a router returns for a request: a file's path, or a response of its own. */
export type RouterOutcome =
  | { readonly path: string; readonly parameters: number }
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

/** The answer that a viewer gets. */
export interface ViewerAnswer {
  readonly status: number;
  /** The digest of the uncompressed body, in hex. */
  readonly sha256: string;
}

/** The result of CloudFront's function runtime: a request, or a response, whose body TestFunction wraps. */
interface Returned {
  readonly uri?: unknown;
  readonly querystring?: object;
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, { readonly value: string }>>;
  readonly body?: string | { readonly data: string };
}

/** Reads what a router returned. @throws {Error} if it is neither a request nor a response */
export function toOutcome(returned: unknown): RouterOutcome {
  const {
    uri,
    querystring = {},
    statusCode,
    headers = {},
    body = '',
  } = Object(returned) as Returned;
  if (typeof uri === 'string') return { path: uri, parameters: Object.keys(querystring).length };
  if (typeof statusCode !== 'number') throw new Error('neither a request nor a response');
  const values = Object.entries(headers).map(([name, { value }]) => [name, value]);
  return {
    status: statusCode,
    headers: Object.fromEntries(values),
    body: typeof body === 'object' ? body.data : body,
  };
}

/**
 * What our own router returns for requests, with what CloudFront's carries of a snapshot.
 *
 * @param keys in the store, where its plugins are there
 * @throws {UserError} if they are not those of a build
 */
export function askRouter(
  snapshot: Snapshot,
  requests: readonly ViewerRequest[],
  keys: StoreKeys = new Map(),
): RouterOutcome[] {
  const { router } = snapshot;
  const table = router.cloudFront ?? router.table;
  const ask = table.blocks ? makeStoreRouter(table, readBlocks(snapshot, keys)) : makeRouter(table);
  return requests.map(({ method, target }) => {
    const routed = ask(method, target);
    return 'path' in routed ? { ...routed, parameters: 0 } : routed;
  });
}

/**
 * What a viewer must get from a snapshot, by its table and manifest.
 *
 * @throws {Error} if the router names a file that the manifest does not list
 */
export function expectAnswer(outcome: RouterOutcome, snapshot: Snapshot): ViewerAnswer {
  if (!('path' in outcome)) return { status: outcome.status, sha256: digestOf(outcome.body) };
  const file = snapshot.files.find(({ path }) => `/${path}` === outcome.path);
  if (file === undefined)
    throw new Error(`the router names ${outcome.path}, which is not in the manifest`);
  return { status: 200, sha256: file.sha256 };
}
