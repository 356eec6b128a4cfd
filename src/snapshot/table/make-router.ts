import { refusalHeaders } from '../../router/headers/headers.ts';
import { parseQueryString, splitTarget } from '../../router/request/parse-query-string.ts';
import { type Routed, route } from '../../router/route.ts';
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
  return (method, target) => {
    const { path, query } = splitTarget(target);
    const routed = route(table, method, path, parseQueryString(query));
    return 'path' in routed ? routed : { ...routed, headers: refusalHeaders() };
  };
}
