import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Release } from '../catalog/release.ts';
import { UserError } from '../errors.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { type Answer, type AnswerSpace, findAnswers } from './answers.ts';
import { bundleCloudFrontFunction } from './bundle-router.ts';
import { explainWriteError } from './explain-write-error.ts';
import { indexPage } from './index-page.ts';
import { packRoutingTable } from './pack-routing-table.ts';
import { type RenderedCatalog, renderCatalog } from './render-catalog.ts';
import { nextFolder, recoverFolder, replaceFolder, resolveFolder } from './replace-folder.ts';
import { type BuildInfo, emptyFile, healthFile, labelsFile } from './site-files.ts';
import { ID_PLACEHOLDER, type Snapshot, snapshotId } from './snapshot.ts';
import { findColumns, findPlatforms } from './space.ts';
import { type FileEntry, type FileSource, writeFiles } from './write-files.ts';

export interface BuildOptions extends BuildInfo {
  /** The releases of a validated catalog, in its order. */
  readonly releases: readonly Release[];
  /** Folder of the build; replaced whole. */
  readonly out: string;
  readonly pageSizes: readonly number[];
  /** The largest router to accept, in bytes. */
  readonly routerBytes: number;
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
  /** How many of the files have contents of their own. */
  readonly distinctContents: number;
  /** Bytes of the largest router. */
  readonly routerBytes: number;
}

/**
 * Builds a site: every answer as a file, the router, and `snapshot.json`. The folder changes only when everything is there.
 *
 * @throws {UserError} where the router is larger than allowed, or the folder cannot be written or holds something else
 */
export async function buildSite(options: BuildOptions): Promise<BuildResult> {
  await recoverFolder(options.out);
  const out = await resolveFolder(options.out);
  const catalog = indexCatalog(options.releases);
  const columns = findColumns(catalog);
  const platforms = findPlatforms(catalog);
  const rendered = renderCatalog(catalog, platforms);
  const space = { catalog, columns, platforms, rendered, pageSizes: options.pageSizes };
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const table = packRoutingTable({ ...space, root });
  const router = await bundleCloudFrontFunction(table);
  checkRouterSize(router, options.routerBytes);
  const sources = [
    ...[emptyFile(), labelsFile(), healthFile(options), indexPage(catalog)].map(
      ({ path, contentType, text }) => ({ path, contentType, content: () => Buffer.from(text) }),
    ),
    ...findAnswers(space, table).map((answer) => answerSource(answer, rendered, root)),
  ];

  const next = nextFolder(out);
  try {
    await mkdir(path.join(next, 'edge'), { recursive: true });
    const making = path.join(next, 'snapshots', 'making');
    const files = await writeFiles(making, sources, countProgress(sources.length, options));
    const id = snapshotId(files, router);
    await rename(making, path.join(next, 'snapshots', id));
    const edge = await writeFiles(next, [
      {
        path: 'edge/cloudfront-function.js',
        contentType: 'application/javascript',
        content: () => Buffer.from(router.replaceAll(ID_PLACEHOLDER, id)),
      },
    ]);
    const snapshot = describeSnapshot(id, space, [
      ...edge,
      ...files.map((file) => ({ ...file, path: `snapshots/${id}/${file.path}` })),
    ]);
    await writeFile(path.join(next, 'snapshot.json'), `${JSON.stringify(snapshot, null, 1)}\n`);
    await replaceFolder(out);
    return {
      snapshot,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      distinctContents: new Set(files.map(({ sha256 }) => sha256)).size,
      routerBytes: Math.max(...edge.map(({ size }) => size)),
    };
  } catch (error) {
    await rm(next, { recursive: true, force: true }).catch(() => {});
    throw explainWriteError(error, options.out);
  }
}

function describeSnapshot(id: string, space: AnswerSpace, files: readonly FileEntry[]): Snapshot {
  return {
    id,
    catalog: {
      plugins: new Set(space.catalog.map(({ id }) => id)).size,
      releases: space.catalog.length,
    },
    published: {
      steps: space.columns.slice(1, -1).map(({ name }) => name),
      platforms: space.platforms,
      pageSizes: space.pageSizes,
    },
    files,
  };
}

function checkRouterSize(router: string, limit: number) {
  const size = Buffer.byteLength(router);
  if (size <= limit) return;
  throw new UserError(
    `the router has ${size} bytes, ${size - limit} more than the ${limit} allowed`,
    [
      {
        level: 'error',
        message: 'CloudFront takes no function over 10,000 bytes',
        remedy:
          'drop plugins or old releases from the catalog, or, where you do not use CloudFront, raise the limit with --router-bytes',
      },
    ],
  );
}

function answerSource(
  { path, releases, form }: Answer,
  { pieces, forms }: RenderedCatalog,
  root: string,
): FileSource {
  return {
    path: path.slice(root.length),
    contentType: 'application/json',
    content: () => {
      const parts = releases.map(({ position }) => pieces[forms[position]?.[form] ?? -1] as Buffer);
      return joinPieces(parts);
    },
  };
}

/** As `renderAnswer` does, in bytes. */
function joinPieces(pieces: readonly Buffer[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length + 1, 2);
  const answer = Buffer.allocUnsafe(length);
  let at = 0;
  pieces.forEach((piece, i) => {
    at = answer.write(i === 0 ? '[' : ',', at) + at;
    at += piece.copy(answer, at);
  });
  answer.write(']\n', at);
  return answer;
}

function countProgress(filesTotal: number, { onProgress }: BuildOptions) {
  let files = 0;
  let bytes = 0;
  return ({ size }: FileEntry) => {
    files++;
    bytes += size;
    onProgress?.({ files, filesTotal, bytes });
  };
}
