import type { SnapshotFile } from '../snapshot/parse-snapshot.ts';

/** A file of a site, with what every answer that carries it says about it. */
export interface SiteFile {
  /** Relative to the build's folder. */
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Whether there is a gzip form too, so that `Accept-Encoding` decides. */
  readonly isNegotiated: boolean;
  /** Strong, with its quotes. */
  readonly etag: string;
  /** Of the gzip form: other bytes, so another entity tag. */
  readonly gzipEtag: string;
}

/** Below this, gzip saves less than the headers that announce it. */
const minimumGzipBytes = 1024;
const compressible =
  /^(?:text\/[^;]+|application\/(?:json|xml|javascript|[^;]+\+(?:json|xml))|image\/svg\+xml)\s*(?:;|$)/i;

/** Derives from a row of the manifest what the server says about the file. */
export function toSiteFile(file: SnapshotFile): SiteFile {
  const tag = file.sha256.slice(0, 32);
  return {
    path: file.path,
    sha256: file.sha256,
    sizeBytes: file.size,
    contentType: file.contentType,
    isNegotiated: file.size >= minimumGzipBytes && compressible.test(file.contentType),
    etag: `"${tag}"`,
    gzipEtag: `"${tag}-gzip"`,
  };
}
