import { PAGE_HEADERS, PAGES_FOLDER } from '../../../router/headers/headers.ts';
import type { SnapshotFile } from '../../../snapshot/parse-snapshot.ts';

/** A file of a site, with what every answer that carries it says about it. */
export interface SiteFile extends SnapshotFile {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** Of the gzip form, where there is one: other bytes, so another entity tag. */
  readonly gzipEtag: string;
  /** What only some files are sent with, names and values in turn. */
  readonly ownHeaders: readonly string[];
}

/** Derives from a row of the manifest what the server says about the file. */
export function toSiteFile(file: SnapshotFile): SiteFile {
  const tag = file.sha256.slice(0, 32);
  const ownHeaders = isOfPages(file.path) ? Object.entries(PAGE_HEADERS).flat() : [];
  return { ...file, etag: `"${tag}"`, gzipEtag: `"${tag}-gzip"`, ownHeaders };
}

/** In any snapshot: `snapshots/<id>/site/…`. */
function isOfPages(path: string): boolean {
  return path.split('/').slice(2).join('/').startsWith(PAGES_FOLDER);
}
