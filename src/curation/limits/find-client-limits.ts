import type { LocatedRelease } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';
import { describeCells } from '../../query/audience/audience.ts';
import {
  FIRST_PAGE,
  type ListSize,
  type ListSizes,
  measureLists,
} from '../../query/audience/measure-lists.ts';
import { ROWS } from '../../query/audience/space.ts';
import { type CatalogIndex, type IndexedRelease, indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { renderRelease } from '../../query/render.ts';
import { findLargeIcons } from './find-large-icons.ts';

/** CloudFront sends larger files uncompressed: docs/edge.md, CloudFront Functions. */
const MOST_COMPRESSED_BYTES = 10_000_000;

/** How many plugins a message names. */
const MOST_NAMED = 3;

/**
 * Finds what is too much for the clients of a catalog: plugins that servers never show, lists that CloudFront sends
 * uncompressed, and large icons.
 *
 * @param releases all that are offered: those of the catalog, then those of an upstream
 * @param located those of the catalog
 */
export function findClientLimits(
  releases: readonly Release[],
  located: readonly LocatedRelease[],
): Problem[] {
  const catalog = indexCatalog(releases);
  const sizes = measureLists(catalog);
  const largest = findPeak(catalog, sizes, 'pageBytes');
  return [
    ...findBeyondFirstPage(sizes, findPeak(catalog, sizes, 'plugins')),
    ...findUncompressed(sizes, largest),
    ...findLargeIcons(located, {
      bytes: largest.value,
      positions: new Set(largest.page.map(({ position }) => position)),
    }),
  ];
}

/** Plugins that some server never shows, since it is offered more than go on the page that it asks for. */
function findBeyondFirstPage(sizes: ListSizes, { value, beyond }: Peak): Problem[] {
  const servers = nameServers(sizes, ({ plugins }) => plugins > FIRST_PAGE.perPage);
  if (servers === '') return [];
  const named = beyond.slice(0, MOST_NAMED).map(({ id }) => id);
  const rest = beyond.length - named.length;
  return [
    {
      level: 'warning',
      check: 'beyond-first-page',
      message: `up to ${value} plugins are listed for ${servers}, and servers ask for the first ${FIRST_PAGE.perPage} only: they never show ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
      remedy:
        'leave out plugins that nobody needs (of an upstream: upstreamDeny), or give different servers marketplaces of their own; by its id every plugin can still be installed',
    },
  ];
}

function findUncompressed(sizes: ListSizes, { value, page }: Peak): Problem[] {
  const servers = nameServers(sizes, ({ pageBytes }) => pageBytes > MOST_COMPRESSED_BYTES);
  if (servers === '') return [];
  const named = page
    .map(({ id, release }) => ({ id, bytes: Buffer.byteLength(renderRelease(release, '')) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_NAMED)
    .map(({ id, bytes }) => `${id} (${bytes})`);
  return [
    {
      level: 'warning',
      check: 'uncompressed-list',
      message: `the list for ${servers} has up to ${value} bytes, and CloudFront compresses none of more than ${MOST_COMPRESSED_BYTES}; the largest entries are ${named.join(', ')}`,
      remedy: 'make icons smaller, or leave out plugins; other hosts compress lists of any size',
    },
  ];
}

/** The largest list by one of its figures; of equal ones that of the newest servers. */
interface Peak {
  readonly value: number;
  readonly page: readonly IndexedRelease[];
  readonly beyond: readonly IndexedRelease[];
}

function findPeak(catalog: CatalogIndex, { steps, rows }: ListSizes, figure: keyof ListSize): Peak {
  const lists = rows.flatMap((sizes, row) =>
    sizes.map((size, step) => ({ row, step, value: size[figure] })),
  );
  const { row, step, value } = lists.reduce((a, b) => (b.value >= a.value ? b : a));
  const view = { ...ROWS[row], serverVersion: steps[step]?.serverVersion ?? '' };
  const releases = evaluate(catalog, { ...FIRST_PAGE, perPage: -1, ...view }) ?? [];
  return {
    value,
    page: releases.slice(0, FIRST_PAGE.perPage),
    beyond: releases.slice(FIRST_PAGE.perPage),
  };
}

/** The servers whose lists are over a limit, in words; empty if there are none. */
function nameServers({ steps, rows }: ListSizes, isOver: (size: ListSize) => boolean): string {
  const cells = steps.map((_, step) =>
    rows.map((sizes) => new Set(isOver(sizes[step] as ListSize) ? [0] : [])),
  );
  return describeCells(cells, { steps, platforms: [''] });
}
