import { refusalHeaders } from '../../router/headers/headers.ts';
import {
  type Parameters,
  parseQueryString,
  splitTarget,
} from '../../router/request/parse-query-string.ts';
import { type Refused, type Routed, route } from '../../router/route.ts';
import { blockFor } from '../../router/store/block-for.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';

/** A response of the router itself, with the headers that every edge adds. */
export type Reply = Refused & {
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Routes a request: to the path of a file, `/snapshots/<id>/…`, or to a refusal.
 * `target` is the path and query as sent, in ASCII: `/api/v1/plugins?filter=a%20b`.
 */
export type Router = (method: string, target: string) => { readonly path: string } | Reply;

/** Our own router with the table of a build: the code in the build is for edges, and never runs here. */
export function makeRouter(table: RoutingTable): Router {
  return routerOf((method, path, parameters) => route(table, method, path, parameters));
}

/**
 * The same where the plugins are in a store.
 *
 * @param blocks of the store, from `readStore`
 */
export function makeStoreRouter(table: RoutingTable, blocks: readonly string[]): Router {
  return routerOf((method, path, parameters) => {
    const number = blockFor(table, path, parameters);
    const records = number === null ? '' : (blocks[number] as string);
    return route({ ...table, records }, method, path, parameters);
  });
}

function routerOf(
  ask: (method: string, path: string, parameters: Parameters | null) => Routed,
): Router {
  return (method, target) => {
    const { path, query } = splitTarget(target);
    const routed = ask(method, path, parseQueryString(query));
    return 'path' in routed ? routed : { ...routed, headers: refusalHeaders(routed, query) };
  };
}
