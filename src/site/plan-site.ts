import type { Release } from '../catalog/release.ts';
import { type Problem, UserError } from '../errors.ts';
import { type CatalogIndex, indexCatalog } from '../query/catalog-index.ts';
import type { AnswerSpace } from './answer-space.ts';
import { AnswerSet } from './answers.ts';
import { bundleCloudFrontFunction } from './bundle-router.ts';
import { packRoutingTable } from './pack-routing-table.ts';
import type { PackOptions } from './pack-texts.ts';
import type { PartPlan } from './part-plan.ts';
import { type Part, partsOf } from './parts.ts';
import { ALWAYS_PUBLISHED, EVERYTHING_PUBLISHED, type Published } from './published.ts';
import { renderCatalog } from './render-catalog.ts';
import { ID_PLACEHOLDER } from './snapshot.ts';
import { findColumns, findPlatforms } from './space.ts';

/** What decides how much is published. */
export interface PlanOptions {
  /** The releases of a validated catalog, in its order. */
  readonly releases: readonly Release[];
  /** Page sizes to publish, ascending; 100 is among them. */
  readonly pageSizes: readonly number[];
  readonly search: boolean;
  /** Whether to publish every page size for lists of newest versions. */
  readonly everyPageSize: boolean;
  /** The budget: how many files the answers may take, and how many bytes. */
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** The largest router to accept, in bytes. */
  readonly routerBytes: number;
}

/** What a build will write, known before anything is written. */
export interface SitePlan {
  readonly space: AnswerSpace;
  readonly answers: AnswerSet;
  readonly parts: readonly PartPlan[];
  readonly published: Published;
  /** The code of the router, with the placeholder for the snapshot's id. */
  readonly router: string;
  /** What is left out, and what would keep it. */
  readonly warnings: readonly Problem[];
}

/** How often the budget a part may cost before counting stops. */
const COUNTED_BUDGETS = 4;

/** How small the texts are made, from what serves requests best to what is smallest. */
const PACKINGS: readonly PackOptions[] = [
  ...[0, 8, 16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: false })),
  ...[16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: true })),
];

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
  const source = { catalog, columns, platforms, rendered, root: `/snapshots/${ID_PLACEHOLDER}/` };
  const texts = { abbreviations: 0, onlyNewest: false };
  const table = packRoutingTable({ ...source, published: EVERYTHING_PUBLISHED, texts });
  const space = { ...source, table };
  const fit = async (published: Published) => {
    for (const packing of published.search ? PACKINGS : PACKINGS.slice(0, 2)) {
      const router = await bundleCloudFrontFunction(
        packRoutingTable({ ...source, published, texts: packing }),
      );
      if (Buffer.byteLength(router) <= options.routerBytes) return router;
    }
    return undefined;
  };

  const warnings: Problem[] = [];
  const noSearch = options.search && (await fit(withSearch(ALWAYS_PUBLISHED))) === undefined;
  if (noSearch) {
    warnings.push({
      level: 'warning',
      message: `text search is left out: its texts do not fit in a router of ${options.routerBytes} bytes`,
      remedy: 'where you do not use CloudFront, raise --router-bytes; or set --search off',
    });
  }
  const answers = new AnswerSet(space);
  let published = ALWAYS_PUBLISHED;
  const parts: PartPlan[] = [];
  for (const part of partsOf(space, { ...options, search: options.search && !noSearch })) {
    const isAlways = part.tier === 1;
    const isOff = !part.isWanted(published);
    const budget = {
      files: isAlways ? Infinity : options.maxFiles - answers.count,
      bytes: isAlways ? Infinity : options.maxBytes - answers.bytes,
    };
    const counted = {
      files: COUNTED_BUDGETS * Math.max(options.maxFiles, 1),
      bytes: COUNTED_BUDGETS * Math.max(options.maxBytes, 1),
    };
    const cost = answers.addAll(isOff ? [] : part.classes(), budget, counted);
    const isPublished = !isOff && cost.isAdded;
    if (isPublished) published = part.publish(published);
    else if (!isOff) warnings.push(leftOut(part, cost, answers, options));
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

  const router = await fit(published);
  if (router === undefined) throw await routerTooLarge(source, published, options);
  return { space, answers, parts, published, router, warnings };
}

const withSearch = (published: Published): Published => ({ ...published, search: true });

function leftOut(
  part: Part,
  cost: { files: number; bytes: number; isCounted: boolean },
  answers: AnswerSet,
  options: PlanOptions,
): Problem {
  const least = cost.isCounted ? '' : 'more than ';
  const settings = [
    ...(answers.count + cost.files > options.maxFiles
      ? [`--max-files ${answers.count + cost.files}`]
      : []),
    ...(answers.bytes + cost.bytes > options.maxBytes
      ? [`--max-bytes ${answers.bytes + cost.bytes}`]
      : []),
  ];
  const keep = cost.isCounted
    ? `${settings.join(' and ')} would keep it`
    : 'raise --max-files and --max-bytes to keep it';
  return {
    level: 'warning',
    message: `${part.name}: left out, ${least}${cost.files} files of ${cost.bytes} bytes do not fit in the budget`,
    remedy: `${keep}; ${part.setting} leaves it out without a word`,
  };
}

async function routerTooLarge(
  source: Omit<Parameters<typeof packRoutingTable>[0], 'published' | 'texts'>,
  published: Published,
  { routerBytes }: PlanOptions,
): Promise<UserError> {
  const texts = { abbreviations: 8, onlyNewest: true };
  const router = await bundleCloudFrontFunction(packRoutingTable({ ...source, published, texts }));
  const size = Buffer.byteLength(router);
  const plugins = new Set((source.catalog as CatalogIndex).map(({ id }) => id)).size;
  return new UserError(
    `the router has ${size} bytes, ${size - routerBytes} more than the ${routerBytes} allowed`,
    [
      {
        level: 'error',
        message: `the catalog has ${source.catalog.length} releases of ${plugins} plugins, and CloudFront takes no function over 10,000 bytes`,
        remedy:
          'drop plugins or old releases from the catalog; or, where you do not use CloudFront, raise the limit with --router-bytes',
      },
    ],
  );
}
