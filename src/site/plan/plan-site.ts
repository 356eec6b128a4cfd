import type { Release } from '../../catalog/release.ts';
import { bundleCloudFrontFunction } from '../../hosts/bundle-router.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import { IconSet } from '../../pages/assets/icon-set.ts';
import { findColumns, findPlatforms } from '../../query/audience/space.ts';
import { type CatalogIndex, indexCatalog } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { renderCatalog } from '../../query/render-catalog.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import { ID_PLACEHOLDER } from '../../snapshot/snapshot-id.ts';
import { packRoutingTable, type TableSource } from '../table/pack-routing-table.ts';
import type { PackOptions } from '../table/pack-texts.ts';
import type { AnswerSpace } from './answer-space.ts';
import { type Amount, AnswerSet } from './answers.ts';
import { explainLeftOut, type LeftOut } from './left-out.ts';
import type { PartPlan } from './part-plan.ts';
import { partsOf } from './parts.ts';
import { ALWAYS_PUBLISHED, EVERYTHING_PUBLISHED, type Published } from './published.ts';

/** What decides how much is published. */
export interface PlanOptions
  extends Pick<
    BuildSettings,
    'pageSizes' | 'search' | 'everyPageSize' | 'maxFiles' | 'maxBytes' | 'routerBytes'
  > {
  /** The releases of a validated catalog, in its order. */
  readonly releases: readonly Release[];
}

/** What a build will write, known before anything is written. */
export interface SitePlan {
  readonly space: AnswerSpace;
  readonly answers: AnswerSet;
  readonly parts: readonly PartPlan[];
  readonly published: Published;
  /** What the pages show of the plugins. */
  readonly icons: IconSet;
  /** The code of the router as a CloudFront Function, with the placeholder for the snapshot's id. */
  readonly router: string;
  /** What the router carries; its root has the placeholder, too. */
  readonly table: RoutingTable;
  /** What is left out, and what would keep it. */
  readonly warnings: readonly Problem[];
}

/** How often the budget a part may cost before counting stops. */
const COUNTED_BUDGETS = 2;

/** How small the texts are made, from what serves requests best to what is smallest. */
const PACKINGS: readonly PackOptions[] = [
  ...[0, 8, 16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: false })),
  ...[16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: true })),
];

/** What serves best, and what is smallest: each abbreviation saves bytes, and what is left out costs none. */
const EXTREME_PACKINGS = [PACKINGS[0], PACKINGS.at(-1)] as readonly PackOptions[];

/** No limit to what is always published. */
const UNLIMITED: Amount = { files: Infinity, bytes: Infinity };

/** For what is counted only. */
const NOTHING: Amount = { files: 0, bytes: 0 };

/**
 * Decides what to publish: one part after the other, whole or not at all, as long as the budget lasts.
 *
 * @throws {UserError} where the router is too large without search
 */
export async function planSite(options: PlanOptions): Promise<SitePlan> {
  const catalog = indexCatalog(options.releases);
  const columns = findColumns(catalog);
  const platforms = findPlatforms(catalog);
  const rendered = renderCatalog(catalog, platforms);
  const icons = new IconSet(everyPlugin(catalog).map(({ release }) => release.icon_data));
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const source = { catalog, columns, platforms, rendered, root, icons: icons.count };
  const texts = { abbreviations: 0, onlyNewest: false };
  const table = packRoutingTable({ ...source, published: EVERYTHING_PUBLISHED, texts });
  const space = { catalog, columns, platforms, rendered, table };
  const bundle = (published: Published, packings = PACKINGS) =>
    bundleRouter(source, published, { packings, limit: options.routerBytes });
  checkSize(await bundle(LEAST_PUBLISHED, EXTREME_PACKINGS), catalog, options.routerBytes);

  const warnings: Problem[] = [];
  let { search } = options;
  if (search) {
    const largest = await bundle(largestPublished(options.pageSizes));
    const size = Buffer.byteLength(largest.code);
    search = size <= options.routerBytes;
    if (!search) warnings.push(searchTooLarge(size, options.routerBytes));
  }

  const answers = new AnswerSet(space);
  const budget = { files: options.maxFiles, bytes: options.maxBytes };
  const counted = {
    files: COUNTED_BUDGETS * budget.files,
    bytes: COUNTED_BUDGETS * budget.bytes,
  };
  let published = ALWAYS_PUBLISHED;
  const leftOut: LeftOut[] = [];
  const parts: PartPlan[] = [];
  for (const part of partsOf(space, { ...options, search })) {
    const isPossible = part.isPossible(published);
    const before = { files: answers.count, bytes: answers.bytes };
    const limit = part.tier === 1 ? UNLIMITED : isPossible ? leftOf(budget, before) : NOTHING;
    const cost = answers.addAll(part.isWanted ? part.classes() : [], limit, counted);
    const isPublished = part.isWanted && isPossible && cost.isAdded;
    if (isPublished) {
      published = part.publish(published);
    } else if (part.isWanted) {
      const { name, setting } = part;
      const missing = { name, setting, cost, before, isPossible };
      warnings.push(explainLeftOut(missing, leftOut, budget));
      leftOut.push(missing);
    }
    parts.push({
      tier: part.tier,
      name: part.name,
      files: cost.files,
      bytes: cost.bytes,
      isCounted: cost.isCounted,
      isPublished,
      setting: part.setting,
    });
  }

  const router = await bundle(published);
  checkSize(router, catalog, options.routerBytes);
  const { code, table: routed } = router;
  return { space, answers, parts, published, icons, router: code, table: routed, warnings };
}

/** The router, with the first packing that is small enough; where none is, the smallest there is. */
async function bundleRouter(
  source: Omit<TableSource, 'published' | 'texts'>,
  published: Published,
  { packings, limit }: { packings: readonly PackOptions[]; limit: number },
): Promise<Router> {
  let smallest: Router | undefined;
  for (const texts of packings) {
    const table = packRoutingTable({ ...source, published, texts });
    const code = await bundleCloudFrontFunction(table);
    const size = Buffer.byteLength(code);
    if (smallest === undefined || size < Buffer.byteLength(smallest.code)) {
      smallest = { code, table };
    }
    if (size <= limit) break;
  }
  return smallest as Router;
}

/** A table, and the CloudFront Function that carries it. */
interface Router {
  readonly code: string;
  readonly table: RoutingTable;
}

/** What takes most of the router's bytes: search, and every list of page sizes written out. */
function largestPublished(pageSizes: readonly number[]): Published {
  return { search: true, pageSizes: { newest: pageSizes, all: pageSizes, search: pageSizes } };
}

/** What takes fewest of them: a catalog for which that is too large needs no plan. */
const LEAST_PUBLISHED: Published = {
  search: false,
  pageSizes: { newest: 'every', all: 'every', search: 'every' },
};

/** What is left of a budget. */
function leftOf(budget: Amount, used: Amount): Amount {
  return {
    files: Math.max(0, budget.files - used.files),
    bytes: Math.max(0, budget.bytes - used.bytes),
  };
}

function searchTooLarge(size: number, routerBytes: number): Problem {
  return {
    level: 'warning',
    missing: 'search',
    message: `text search: left out, with it the router has ${size} bytes, ${size - routerBytes} more than the ${routerBytes} allowed`,
    remedy: `where you do not use CloudFront, --router-bytes ${size} would keep it; --search off leaves it out without a word`,
  };
}

/** @throws {UserError} where the router is larger than allowed */
function checkSize({ code }: Router, catalog: CatalogIndex, routerBytes: number): void {
  const size = Buffer.byteLength(code);
  if (size <= routerBytes) return;
  const plugins = new Set(catalog.map(({ id }) => id)).size;
  throw new UserError(
    `the router has ${size} bytes, ${size - routerBytes} more than the ${routerBytes} allowed`,
    [
      {
        level: 'error',
        message: `the catalog has ${catalog.length} releases of ${plugins} plugins, and CloudFront takes no function over 10,000 bytes`,
        remedy:
          'drop plugins or old releases from the catalog, or page sizes; or, where you do not use CloudFront, raise the limit with --router-bytes',
      },
    ],
  );
}
