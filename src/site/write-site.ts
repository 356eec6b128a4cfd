import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { routerVersion } from '../hosts/bundle-router.ts';
import { edgeFiles } from '../hosts/edge-files.ts';
import { type SiteOptions, type SitePages, sitePages } from '../pages/html/site-pages.ts';
import { type CatalogIndex, groupByPlugin } from '../query/catalog-index.ts';
import type { RoutingTable } from '../router/table/routing-table.ts';
import type { BuildSettings } from '../settings/build-settings.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/parse-snapshot.ts';
import {
  type BuildInfo,
  catalogFile,
  emptyFile,
  healthFile,
  labelsFile,
  type SiteFile,
  unsignedFile,
} from '../snapshot/site-files.ts';
import { ID_PLACEHOLDER, nameCode, snapshotId } from '../snapshot/snapshot-id.ts';
import type { CloudFrontPlan } from './plan/plan-cloudfront.ts';
import type { SitePlan } from './plan/plan-site.ts';
import { answerFiles } from './write/answer-files.ts';
import { replaceFolder } from './write/replace-folder.ts';
import {
  entryOf,
  type FileSource,
  fileSource,
  sortByPath,
  writeFiles,
} from './write/write-files.ts';

export interface WriteOptions
  extends BuildInfo,
    SiteOptions,
    Pick<BuildSettings, 'compress' | 'hosts'> {
  /** The folder of the build; the whole of it is replaced. */
  readonly out: string;
  readonly onProgress?: (progress: BuildProgress) => void;
}

export interface BuildProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
}

export interface BuildResult {
  readonly snapshot: Snapshot;
  /** Files in the snapshot. */
  readonly files: number;
  /** Bytes of those. */
  readonly bytes: number;
  /** How many of the files are web pages, or what these show and load. */
  readonly pageFiles: number;
  /** Bytes of those. */
  readonly pageBytes: number;
  /** How many different contents the files have. */
  readonly distinctContents: number;
  /** How many of the files have a gzip form. */
  readonly gzipFiles: number;
  /** Bytes of those forms. */
  readonly gzipBytes: number;
  /** Bytes of the router as a CloudFront Function; CloudFront limits them. */
  readonly routerBytes: number;
}

/** The part of a plan that is written. */
export interface WritablePlan extends Omit<SitePlan, 'answers' | 'warnings'> {
  readonly answers: Pick<SitePlan['answers'], 'answers'>;
}

/**
 * Writes a site: the snapshot, the routers that lead into it, and `snapshot.json`. The folder changes only when all is written.
 *
 * @throws {UserError} if the folder cannot be written or contains something else
 */
export async function writeSite(plan: WritablePlan, options: WriteOptions): Promise<BuildResult> {
  const { compress, hosts, out, notices = [] } = options;
  const pages = await sitePages(plan.space, plan.loaded, options);
  const files = [
    ...[emptyFile(), labelsFile(), healthFile(options), catalogFile(plan.space.catalog)].map(
      fileSource,
    ),
    ...pages.files.map(fileSource),
    ...answerFiles(
      plan.answers.answers,
      { rendered: plan.space.rendered, gzip: plan.gzip },
      rootOf(ID_PLACEHOLDER),
    ),
  ];
  return await replaceFolder(out, async (next) => {
    const snapshot = await writeSnapshot(next, {
      files,
      pages,
      router: routerText(plan),
      ...options,
    });
    const root = rootOf(snapshot.id);
    const named = { root, digest: pages.digest };
    const table = { ...plan.table, ...named };
    const edge = [
      ...(plan.cloudFront ? cloudFrontFiles(plan.cloudFront, named) : []),
      ...(await edgeFiles({ table, files: snapshot.entries, compress, hosts })),
    ];
    const edgeEntries = await writeFiles(next, edge.map(fileSource));
    const manifest: Snapshot = {
      ...describePlan(plan, snapshot.id, compress),
      ...(notices.length > 0 && { notices: notices.map(({ notice }) => notice) }),
      router: {
        version: await routerVersion(),
        table,
        ...(plan.cloudFront && { cloudFront: { ...plan.cloudFront.table, ...named } }),
      },
      files: [
        ...edgeEntries,
        ...snapshot.entries.map((entry) => ({ ...entry, path: root.slice(1) + entry.path })),
      ],
    };
    await writeFile(path.join(next, 'snapshot.json'), `${JSON.stringify(manifest, null, 1)}\n`);
    return summarize(manifest, snapshot.entries, Buffer.byteLength(plan.cloudFront?.code ?? ''));
  });
}

/** What of the routers counts for the snapshot's id. */
function routerText({ cloudFront, table }: WritablePlan): string {
  return JSON.stringify([cloudFront?.code, cloudFront?.store, table]);
}

/** The beginning of the paths of a snapshot's files. */
function rootOf(id: string): string {
  return `/snapshots/${id}/`;
}

interface SnapshotSource extends WriteOptions {
  readonly files: readonly FileSource[];
  readonly pages: Pick<SitePages, 'namingFile'>;
  /** The routers, with the placeholder for the id. */
  readonly router: string;
}

/**
 * Writes the files of the snapshot to `snapshots/<id>/`. The page that shows the id comes last: it counts for the id with the
 * placeholder in its text.
 */
async function writeSnapshot(
  folder: string,
  { files, pages, router, compress, onProgress }: SnapshotSource,
): Promise<{ id: string; entries: SnapshotFile[] }> {
  const making = path.join(folder, 'snapshots', 'making');
  const onWritten = countProgress(files.length + 1, onProgress);
  const naming = (id: string) => fileSource(pages.namingFile(id));
  const unnamed = await writeFiles(making, files, { compress, onWritten });
  const id = snapshotId(sortByPath([...unnamed, entryOf(naming(ID_PLACEHOLDER))]), router);
  const named = await writeFiles(making, [naming(id)], { compress, onWritten });
  await writeFiles(making, [fileSource(unsignedFile())]);
  await rename(making, path.join(folder, 'snapshots', id));
  return { id, entries: sortByPath([...unnamed, ...named]) };
}

/** The function, and what is to be in its store. */
function cloudFrontFiles(
  { code, store }: CloudFrontPlan,
  named: Pick<RoutingTable, 'root' | 'digest'>,
): SiteFile[] {
  const file = (name: string, contentType: string, content: string) => ({
    path: `edge/cloudfront-${name}`,
    contentType,
    content,
  });
  return [
    file('function.js', 'application/javascript', nameCode(code, named)),
    ...(store
      ? [file('store.json', 'application/json', `${JSON.stringify({ format: 1, keys: store })}\n`)]
      : []),
  ];
}

function describePlan(plan: WritablePlan, id: string, compress: BuildSettings['compress']) {
  const { catalog, steps, platforms } = plan.space;
  return {
    id,
    compress,
    catalog: describeCatalog(catalog),
    published: {
      steps: steps.slice(1, -1).map(({ serverVersion }) => serverVersion),
      platforms,
      ...plan.published,
      ...(plan.cloudFront && {
        cloudFront: { search: plan.cloudFront.published.search, store: !!plan.cloudFront.store },
      }),
      parts: plan.parts,
    },
  };
}

function describeCatalog(catalog: CatalogIndex): Snapshot['catalog'] {
  const versions = groupByPlugin(catalog).map((releases) => [
    releases[0]?.id,
    releases.map(({ release }) => release.manifest.version),
  ]);
  return {
    plugins: versions.length,
    releases: catalog.length,
    // Built from entries, so that `__proto__` can be the id of a plugin.
    versions: Object.fromEntries(versions),
  };
}

/** @param entries the files of the snapshot */
function summarize(
  snapshot: Snapshot,
  entries: readonly SnapshotFile[],
  routerBytes: number,
): BuildResult {
  const pages = entries.filter((file) => file.path.startsWith('site/'));
  const gzips = entries.flatMap((file) => file.gzip ?? []);
  return {
    snapshot,
    files: entries.length,
    bytes: sumSizes(entries),
    pageFiles: pages.length,
    pageBytes: sumSizes(pages),
    distinctContents: new Set(entries.map(({ sha256 }) => sha256)).size,
    gzipFiles: gzips.length,
    gzipBytes: sumSizes(gzips),
    routerBytes,
  };
}

function sumSizes(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function countProgress(filesTotal: number, onProgress: WriteOptions['onProgress']) {
  let files = 0;
  let bytes = 0;
  return ({ size }: SnapshotFile) => {
    files++;
    bytes += size;
    onProgress?.({ files, filesTotal, bytes });
  };
}
