import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';
import { LoadedFiles } from '../../pages/assets/loaded-files.ts';
import { findPlatforms, findSteps, type Space } from '../../query/audience/space.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { renderCatalog } from '../../query/render-catalog.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import { ID_PLACEHOLDER } from '../../snapshot/snapshot-id.ts';
import { encodeRecords } from '../table/encode-records.ts';
import { tableEncoder } from '../table/encode-table.ts';
import { PLAIN_TEXTS } from '../table/encode-texts.ts';
import { AnswerGzip } from '../write/answer-gzip.ts';
import { storedAs } from '../write/write-files.ts';
import { textsOf } from './answer-space.ts';
import { AnswerSet, exceeds } from './answers.ts';
import { explainLeftOut } from './left-out.ts';
import type { PartPlan } from './part-plan.ts';
import { type Part, partsOf } from './parts.ts';
import { type CloudFrontPlan, planCloudFront } from './plan-cloudfront.ts';
import { ALWAYS_PUBLISHED, type Published } from './published.ts';

/** What decides how much is published. */
export interface PlanOptions
  extends Pick<
    BuildSettings,
    | 'pageSizes'
    | 'search'
    | 'everyPageSize'
    | 'allLists'
    | 'maxFiles'
    | 'maxBytes'
    | 'compress'
    | 'hosts'
    | 'routerBytes'
  > {
  /** Who may ask, as `parseUsers` has them; undefined: everybody. */
  readonly userHashes?: string | undefined;
  /** The releases of a validated catalog, in its order. */
  readonly releases: readonly Release[];
  /** Told now and then how far a plan has come: the part that is planned, and the files so far. */
  readonly onPlanning?: (part: string, files: number) => void;
}

/** What a build will write, known before anything is written. */
export interface SitePlan {
  readonly space: Space;
  readonly answers: AnswerSet;
  /** Compresses the answers; it has the parts of them already. */
  readonly gzip: AnswerGzip;
  readonly parts: readonly PartPlan[];
  readonly published: Published;
  /** What the pages load. */
  readonly loaded: LoadedFiles;
  /** What the routers carry, but that of CloudFront; it has placeholders for the snapshot's id and the digest. */
  readonly table: RoutingTable;
  /** Undefined where CloudFront is not among the hosts. */
  readonly cloudFront: CloudFrontPlan | undefined;
  /** What is left out, and what would keep it. */
  readonly warnings: readonly Problem[];
}

/**
 * Decides what to publish: one part after the other, whole or not at all, as long as the budget lasts.
 *
 * @throws {UserError} where no router for CloudFront is small enough
 */
export async function planSite(options: PlanOptions): Promise<SitePlan> {
  const catalog = indexCatalog(options.releases);
  const platforms = findPlatforms(catalog);
  const rendered = renderCatalog(catalog, platforms);
  const space = { catalog, steps: findSteps(catalog), platforms, rendered };
  const loaded = new LoadedFiles(everyPlugin(catalog).map(({ release }) => release.icon_data));
  const gzip = new AnswerGzip(rendered);
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const tables = tableEncoder({ ...space, root, files: loaded.count, users: options.userHashes });
  const answers = new AnswerSet(space, tables.open, ({ size, releases, form }) =>
    storedAs(options.compress, size, () => gzip.sizeOf(releases, form)),
  );
  const { parts, published, warnings } = planParts(space, answers, options);
  const cloudFront = options.hosts.includes('cloudfront')
    ? await planCloudFront({
        encode: tables.encode,
        published,
        limit: options.routerBytes,
        records: (table) => encodeRecords(space, table, (each) => answers.locate(each)),
      })
    : undefined;
  const table = tables.encode(published, PLAIN_TEXTS);
  const texts = published.search ? textsOf(space) : [];
  for (const shipped of [table, cloudFront?.published.search ? cloudFront.table : table]) {
    answers.checkTexts(shipped, texts);
  }
  return {
    ...{ space, answers, gzip, parts, published, loaded, cloudFront },
    table,
    warnings: [...warnings, ...(cloudFront?.warnings ?? [])],
  };
}

/** Adds the answers of the parts that fit in the budget. */
function planParts(
  space: Space,
  answers: AnswerSet,
  options: PlanOptions,
): Pick<SitePlan, 'parts' | 'published' | 'warnings'> {
  const budget = { files: options.maxFiles, bytes: options.maxBytes };
  let published = ALWAYS_PUBLISHED;
  const warnings: Problem[] = [];
  // Locating and compressing take longest. What does not fit plain does not fit, unless it is stored compressed only.
  const mayFit = (part: Part, published: Published) => {
    const isPlain = options.compress !== 'gzip';
    const isFull = isPlain && exceeds(answers.size, budget);
    const { files, bytes } = isFull ? budget : answers.measure();
    const room = { files: budget.files - files, bytes: isPlain ? budget.bytes - bytes : Infinity };
    return answers.mayHold(classesOf(part, published), room);
  };
  const classesOf = function* (part: Part, published: Published) {
    for (const each of part.classes(published)) {
      options.onPlanning?.(part.name, answers.size.files);
      yield each;
    }
  };
  const parts = partsOf(space, options).map((part): PartPlan => {
    const { tier, name, setting, isWanted } = part;
    const before = answers.size;
    const fits = () => tier === 1 || !exceeds(answers.measure(), budget);
    const isPublished =
      isWanted &&
      part.isPossible(published) &&
      (tier === 1 || mayFit(part, published)) &&
      answers.addAll(classesOf(part, published), fits);
    if (isPublished) published = part.publish(published);
    else if (isWanted) warnings.push(explainLeftOut(part, published, budget));
    const { files, bytes } = answers.size;
    const size = { files: files - before.files, bytes: bytes - before.bytes };
    return { tier, name, setting, ...size, isPublished };
  });
  return { parts, published, warnings };
}
