import { refusalHeaders } from '../../router/headers/refusal-headers.ts';
import { parseQueryString } from '../../router/request/parse-query-string.ts';
import { splitTarget } from '../../router/request/split-target.ts';
import { type Routed, route } from '../../router/route.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';

/** A response of the router's own, with the headers that every edge gives it. */
export type Refused = Exclude<Routed, { path: string }> & {
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Where a request leads: the path of a file, `/snapshots/<id>/…`, or a refusal.
 * `target` is the path and query as sent, in ASCII: `/api/v1/plugins?filter=a%20b`.
 */
export type Router = (method: string, target: string) => { readonly path: string } | Refused;

/** Our own router over the table of a build: the code that the build carries is for edges, and never run here. */
export function makeRouter(table: RoutingTable): Router {
  return (method, target) => {
    const { path, query } = splitTarget(target);
    const routed = route(table, method, path, parseQueryString(query));
    return 'path' in routed ? routed : { ...routed, headers: refusalHeaders() };
  };
}
