import { digestOf } from '../../lib/digests.ts';
import type { Snapshot } from '../../site/write/snapshot.ts';
import { makeRouter } from '../../snapshot/table/make-router.ts';
import type { ViewerRequest } from '../aws/viewer-requests.ts';

/** What a router makes of a request: a file's path, or a response of its own. */
export type RouterOutcome =
  | { readonly path: string; readonly parameters: number }
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

/** What a viewer gets. */
export interface ViewerAnswer {
  readonly status: number;
  /** Of the body, uncompressed; hex. */
  readonly sha256: string;
}

interface EdgeHeaders {
  readonly [name: string]: { readonly value: string };
}

/**
 * What a router returned, in one form for every engine: CloudFront's TestFunction wraps a body, and may add a description of
 * the status.
 *
 * @throws {Error} where it is neither a request nor a response
 */
export function toOutcome(returned: unknown): RouterOutcome {
  const { uri, querystring, statusCode, headers, body } = Object(returned) as {
    uri?: unknown;
    querystring?: object;
    statusCode?: unknown;
    headers?: EdgeHeaders;
    body?: string | { data: string };
  };
  if (typeof uri === 'string')
    return { path: uri, parameters: Object.keys(querystring ?? {}).length };
  if (typeof statusCode !== 'number') throw new Error('neither a request nor a response');
  const names = Object.entries(headers ?? {}).map(([name, { value }]) => [name, value]);
  return {
    status: statusCode,
    headers: Object.fromEntries(names),
    body: typeof body === 'object' ? body.data : (body ?? ''),
  };
}

/** What our own router makes of requests with the table of a snapshot. */
export function askRouter(
  { router }: Snapshot,
  requests: readonly ViewerRequest[],
): RouterOutcome[] {
  const ask = makeRouter(router.table);
  return requests.map(({ method, target }) => {
    const routed = ask(method, target);
    return 'path' in routed ? { ...routed, parameters: 0 } : routed;
  });
}

/**
 * What a viewer must get from a snapshot, by its table and manifest.
 *
 * @throws {Error} where the router names a file that the manifest does not list
 */
export function expectAnswer(outcome: RouterOutcome, snapshot: Snapshot): ViewerAnswer {
  if (!('path' in outcome)) return { status: outcome.status, sha256: digestOf(outcome.body) };
  const file = snapshot.files.find(({ path }) => `/${path}` === outcome.path);
  if (file === undefined) throw new Error(`the router names ${outcome.path}, which is not there`);
  return { status: 200, sha256: file.sha256 };
}
