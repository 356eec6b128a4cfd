// Edge dialect: this file is part of the router.

/** Path and query of a request target as sent: `/api/v1/plugins?page=1`. The query is without `?`. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}
