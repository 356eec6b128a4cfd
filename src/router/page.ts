// Edge dialect: this file is part of the router.
import type { Found, Plugin } from './members.ts';
import type { Name } from './name.ts';
import { type Filter, type Refusal, refuse } from './request/parse-filter.ts';
import { digitAt } from './table/encoding.ts';
import { HAS_PAGES, ONLY_PAGE_SIZE } from './table/published.ts';
import type { RoutingTable } from './table/routing-table.ts';

/**
 * Leaves of what was found the page that is asked for.
 *
 * @returns why there is no such page, or the name of the answer where it is empty; null where neither is so
 */
export function cutPage(table: RoutingTable, filter: Filter, found: Found): Refusal | Name | null {
  const perPage = filter.perPage;
  const positions = positionsOf(found.members);
  const from = perPage < 0 ? 0 : filter.page * perPage;
  const page = perPage < 0 ? positions : positions.slice(from, from + perPage);
  if (positions && from < 0) return refuse('page', 'valid', '0 or more');
  if (!page) return { folder: '' } as Name;
  if (page.length < positions.length) {
    const sizes = ONLY_PAGE_SIZE
      ? [ONLY_PAGE_SIZE]
      : (table.pageSizes[filter.text ? 2 : +filter.allVersions] as number[]);
    if (!HAS_PAGES || (sizes.length && sizes.indexOf(perPage) < 0)) {
      return refuse('per_page', 'published', `-1,${sizes}`);
    }
    let end = 0;
    found.members = found.members.filter((plugin) => {
      const start = end;
      end += plugin.found.length;
      return end > from && start < from + perPage;
    });
    if (page.length < positionsOf(found.members).length) {
      found.first = page[0] as string;
      found.last = page.slice(-1);
      found.suffix = `.${digitAt(found.first)}-${digitAt(found.last)}`;
    }
  }
  return null;
}

/** The positions of all releases in an answer. */
const positionsOf = (members: Plugin[]): string => members.map((plugin) => plugin.found).join('');
