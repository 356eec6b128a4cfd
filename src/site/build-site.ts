import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { routerVersion } from '../hosts/bundle-router.ts';
import { edgeFiles } from '../hosts/edge-files.ts';
import { explainWriteError, makeFolders } from '../lib/files/explain-file-error.ts';
import { type SiteOptions, sitePages } from '../pages/html/site-pages.ts';
import { type CatalogIndex, groupByPlugin } from '../query/catalog-index.ts';
import type { RenderedCatalog } from '../query/render-catalog.ts';
import type { BuildSettings } from '../settings/build-settings.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/parse-snapshot.ts';
import {
  type BuildInfo,
  emptyFile,
  healthFile,
  labelsFile,
  type SiteFile,
} from '../snapshot/site-files.ts';
import { ID_PLACEHOLDER, snapshotId } from '../snapshot/snapshot-id.ts';
import type { Answer } from './plan/answers.ts';
import { type PlanOptions, planSite, type SitePlan } from './plan/plan-site.ts';
import { AnswerGzip } from './write/answer-gzip.ts';
import { deflatePiece } from './write/deflate-piece.ts';
import { joinGzip } from './write/join-gzip.ts';
import { nextFolder, recoverFolder, replaceFolder, resolveFolder } from './write/replace-folder.ts';
import { type FileSource, writeFiles } from './write/write-files.ts';

export interface BuildOptions extends WriteOptions, PlanOptions {}

export interface WriteOptions extends BuildInfo, SiteOptions, Pick<BuildSettings, 'compress'> {
  /** Folder of the build; replaced whole. */
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
  /** How many of the files are the pages, with what they show and load. */
  readonly pageFiles: number;
  /** Bytes of those. */
  readonly pageBytes: number;
  /** How many of the files have contents of their own. */
  readonly distinctContents: number;
  /** How many of the files have a gzip form. */
  readonly gzipFiles: number;
  /** Bytes of those forms. */
  readonly gzipBytes: number;
  /** Bytes of the router as a CloudFront Function, the edge that limits them. */
  readonly routerBytes: number;
}

/** What of a plan is written. */
export interface WritablePlan extends Omit<SitePlan, 'answers' | 'warnings'> {
  readonly answers: Pick<SitePlan['answers'], 'answers'>;
}

/** Plans a site and writes it. */
export async function buildSite(options: BuildOptions): Promise<BuildResult> {
  return writeSite(await planSite(options), options);
}

/**
 * Writes a site: every answer as a file, the router, and `snapshot.json`. The folder changes only when everything is there.
 *
 * @throws {UserError} where the folder cannot be written or holds something else
 */
export async function writeSite(plan: WritablePlan, options: WriteOptions): Promise<BuildResult> {
  await recoverFolder(options.out);
  const out = await resolveFolder(options.out);
  const { space, router } = plan;
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const gzip = new AnswerGzip(space.rendered);
  const pages = await sitePages(space, plan.icons, options);
  const sources = [
    ...[emptyFile(), labelsFile(), healthFile(options), ...pages.files].map(fileSource),
    fileSource(pages.namingFile(ID_PLACEHOLDER)),
    ...plan.answers.answers.map((answer) => answerSource(answer, space.rendered, gzip, root)),
  ];

  const next = nextFolder(out);
  try {
    await makeFolders(path.join(next, 'edge'));
    const making = path.join(next, 'snapshots', 'making');
    const progress = countProgress(sources.length, options);
    const written = await writeFiles(making, sources, progress, options.compress);
    const id = snapshotId(written, router);
    const naming = [fileSource(pages.namingFile(id))];
    const [named] = await writeFiles(making, naming, undefined, options.compress);
    const files = written.map((file) => (file.path === named?.path ? named : file));
    await rename(making, path.join(next, 'snapshots', id));
    const finalRoot = `/snapshots/${id}/`;
    const cloudFront = {
      path: 'edge/cloudfront-function.js',
      contentType: 'application/javascript',
      content: router.replace(root, finalRoot),
    };
    const table = { ...plan.table, root: finalRoot };
    const others = await edgeFiles(table, sources, options.compress);
    const edge = await writeFiles(next, [cloudFront, ...others].map(fileSource));
    const snapshot = describeSnapshot(id, options.compress, plan, {
      router: { version: await routerVersion(), table },
      files: [...edge, ...files.map((file) => ({ ...file, path: `snapshots/${id}/${file.path}` }))],
    });
    await writeFile(path.join(next, 'snapshot.json'), `${JSON.stringify(snapshot, null, 1)}\n`);
    await replaceFolder(out);
    const pageFiles = files.filter((file) => file.path.startsWith('site/'));
    const gzipped = files.flatMap((file) => file.gzip ?? []);
    return {
      snapshot,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      pageFiles: pageFiles.length,
      pageBytes: pageFiles.reduce((sum, { size }) => sum + size, 0),
      distinctContents: new Set(files.map(({ sha256 }) => sha256)).size,
      gzipFiles: gzipped.length,
      gzipBytes: gzipped.reduce((sum, { size }) => sum + size, 0),
      routerBytes: Buffer.byteLength(cloudFront.content),
    };
  } catch (error) {
    await rm(next, { recursive: true, force: true }).catch(() => {});
    throw explainWriteError(error, options.out);
  }
}

function describeSnapshot(
  id: string,
  compress: BuildSettings['compress'],
  plan: WritablePlan,
  made: Pick<Snapshot, 'router' | 'files'>,
): Snapshot {
  const { catalog, steps, platforms } = plan.space;
  return {
    id,
    compress,
    catalog: describeCatalog(catalog),
    published: {
      steps: steps.slice(1, -1).map(({ name }) => name),
      platforms,
      ...plan.published,
      parts: plan.parts,
    },
    ...made,
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
    // From entries, so that a plugin of the name __proto__ is one.
    versions: Object.fromEntries(versions),
  };
}

function fileSource({ path, contentType, content: given }: SiteFile): FileSource {
  const content = Buffer.from(given);
  return {
    path,
    contentType,
    content: () => content,
    gzip: () => joinGzip([deflatePiece(content, Buffer.alloc(0))]),
  };
}

function answerSource(
  answer: Answer,
  rendered: RenderedCatalog,
  gzip: AnswerGzip,
  root: string,
): FileSource {
  return {
    path: answer.path.slice(root.length),
    contentType: 'application/json',
    content: () => joinPieces(answer, rendered),
    gzip: () => gzip.compress(answer),
  };
}

/** An answer as `renderAnswer` renders it, in bytes. */
export function joinPieces({ releases, form, size }: Answer, rendered: RenderedCatalog): Buffer {
  const content = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { position } of releases) {
    const piece = rendered.pieces[rendered.forms[position]?.[form] ?? -1] as Buffer;
    at += content.write(at === 0 ? '[' : ',', at);
    at += piece.copy(content, at);
  }
  content.write(']\n', at);
  return content;
}

function countProgress(filesTotal: number, { onProgress }: WriteOptions) {
  let files = 0;
  let bytes = 0;
  return ({ size }: SnapshotFile) => {
    files++;
    bytes += size;
    onProgress?.({ files, filesTotal, bytes });
  };
}
