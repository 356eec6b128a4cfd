import { isDeepStrictEqual } from 'node:util';
import type { Release } from '../../catalog/release.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import { IconSet } from '../../pages/assets/icon-set.ts';
import { findPlatforms, findSteps, type Space } from '../../query/audience/space.ts';
import { type CatalogIndex, indexCatalog } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { renderCatalog } from '../../query/render-catalog.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import { ID_PLACEHOLDER } from '../../snapshot/snapshot-id.ts';
import { tableEncoder } from '../table/encode-table.ts';
import { type Amount, AnswerSet } from './answers.ts';
import { fitRouter, type Router } from './fit-router.ts';
import { explainLeftOut, type LeftOut } from './left-out.ts';
import type { PartPlan } from './part-plan.ts';
import { type Part, partsOf } from './parts.ts';
import { ALWAYS_PUBLISHED, type Published } from './published.ts';

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
  readonly space: Space;
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

/** No limit to what is always published. */
const UNLIMITED: Amount = { files: Infinity, bytes: Infinity };

/**
 * Decides what to publish: one part after the other, whole or not at all, as long as the budget lasts.
 *
 * @throws {UserError} where the router is too large without search
 */
export async function planSite(options: PlanOptions): Promise<SitePlan> {
  const catalog = indexCatalog(options.releases);
  const platforms = findPlatforms(catalog);
  const rendered = renderCatalog(catalog, platforms);
  const space = { catalog, steps: findSteps(catalog), platforms, rendered };
  const icons = new IconSet(everyPlugin(catalog).map(({ release }) => release.icon_data));
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const encode = tableEncoder({ ...space, root, icons: icons.count });
  const limit = options.routerBytes;
  const fit = (published: Published) => fitRouter((form) => encode(published, form), limit);
  checkSize(await fit(LEAST_PUBLISHED), catalog, limit);

  let { parts, wanted } = wantedParts(space, options);
  let wantedRouter = await fit(wanted);
  const largest = options.search
    ? Math.max(wantedRouter.size, (await fit(largestPublished(options.pageSizes))).size)
    : 0;
  if (largest > limit) {
    ({ parts, wanted } = wantedParts(space, { ...options, search: false }));
    wantedRouter = await fit(wanted);
  }
  const answers = new AnswerSet(space, wantedRouter.table);
  const { published, ...planned } = planParts(parts, answers, options);
  const isAll = isDeepStrictEqual(published, wanted);
  const router = isAll ? wantedRouter : await fit(published);
  checkSize(router, catalog, limit);
  // The router that ships must find the answers where another one has placed them.
  if (!isAll) answers.checkLocations(router.table);
  const tooLarge = largest > limit ? [searchTooLarge(largest, limit)] : [];
  return {
    ...{ space, answers, published, icons, parts: planned.parts },
    ...{ router: router.code, table: router.table },
    warnings: [...tooLarge, ...planned.warnings],
  };
}

/** The parts there are, and what is published where the budget takes all that are wanted. */
function wantedParts(space: Space, options: PlanOptions) {
  const parts = partsOf(space, options);
  const wanted = parts
    .filter(({ isWanted }) => isWanted)
    .reduce((published, { publish }) => publish(published), ALWAYS_PUBLISHED);
  return { parts, wanted };
}

/** Adds the answers of the parts that fit in the budget. */
function planParts(
  wanted: readonly Part[],
  answers: AnswerSet,
  { maxFiles, maxBytes }: PlanOptions,
): Pick<SitePlan, 'parts' | 'published' | 'warnings'> {
  const budget = { files: maxFiles, bytes: maxBytes };
  const counted = { files: COUNTED_BUDGETS * maxFiles, bytes: COUNTED_BUDGETS * maxBytes };
  let published = ALWAYS_PUBLISHED;
  const warnings: Problem[] = [];
  const leftOut: LeftOut[] = [];
  const parts = wanted.map((part): PartPlan => {
    const { tier, name, setting } = part;
    const isPossible = part.isPossible(published);
    const before = { files: answers.count, bytes: answers.bytes };
    const limit = tier === 1 ? UNLIMITED : isPossible ? leftOf(budget, before) : null;
    const cost = answers.addAll(part.isWanted ? part.classes() : [], limit, counted);
    const isPublished = part.isWanted && cost.isAdded;
    if (isPublished) {
      published = part.publish(published);
    } else if (part.isWanted) {
      const missing = { name, setting, cost, before, isPossible };
      warnings.push(explainLeftOut(missing, leftOut, budget));
      leftOut.push(missing);
    }
    const { files, bytes, isCounted } = cost;
    return { tier, name, files, bytes, isCounted, isPublished, setting };
  });
  return { parts, published, warnings };
}

/** What may take more of the router's bytes than all parts: search, and every list of page sizes written out. */
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
function checkSize({ size }: Router, catalog: CatalogIndex, routerBytes: number): void {
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
