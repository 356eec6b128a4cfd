import { refusalHeaders } from '../../router/headers/headers.ts';
import {
  type Parameters,
  parseQueryString,
  splitTarget,
} from '../../router/request/parse-query-string.ts';
import { type Routed, route } from '../../router/route.ts';
import { bucketFor } from '../../router/store/bucket-for.ts';
import { digit, digitAt } from '../../router/table/encoding.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';

/** A response of the router itself, with the headers that every edge adds. */
export type Refused = Exclude<Routed, { path: string }> & {
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Routes a request: to the path of a file, `/snapshots/<id>/…`, or to a refusal.
 * `target` is the path and query as sent, in ASCII: `/api/v1/plugins?filter=a%20b`.
 */
export type Router = (method: string, target: string) => { readonly path: string } | Refused;

/** Our own router with the table of a build: the code in the build is for edges, and never runs here. */
export function makeRouter(table: RoutingTable): Router {
  return routerOf((method, path, parameters) => route(table, method, path, parameters));
}

/**
 * The same where the plugins are in a store.
 *
 * @param values of the store, by their keys without the snapshot's id
 */
export function makeStoreRouter(table: RoutingTable, values: ReadonlyMap<string, string>): Router {
  return routerOf((method, path, parameters) => {
    const number = bucketFor(table, path, parameters);
    const [first, ...more] = piecesOf(values, `${number}`);
    const plugins = (first as string).slice(1) + more.join('');
    return route({ ...table, plugins }, method, path, parameters);
  });
}

/** The pieces of a bucket. */
function piecesOf(values: ReadonlyMap<string, string>, key: string): string[] {
  const first = values.get(key) ?? digit(0);
  const more = Array.from(
    { length: digitAt(first) },
    (_, i) => values.get(`${key}.${i + 1}`) ?? '',
  );
  return [first, ...more];
}

function routerOf(
  ask: (method: string, path: string, parameters: Parameters | null) => Routed,
): Router {
  return (method, target) => {
    const { path, query } = splitTarget(target);
    const routed = ask(method, path, parseQueryString(query));
    return 'path' in routed ? routed : { ...routed, headers: refusalHeaders() };
  };
}
