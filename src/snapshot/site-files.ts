import { formatReleases } from '../catalog/format-catalog.ts';
import type { CatalogIndex } from '../query/catalog-index.ts';
import { COMPUTED_LABELS } from '../query/labels.ts';
import { SIGNED_PATH } from './parse-snapshot.ts';

/** A file of the snapshot that is the same for every request. */
export interface SiteFile {
  /** Inside the snapshot. */
  readonly path: string;
  readonly contentType: string;
  readonly content: string | Buffer;
}

/** The build as `/api/v1/health` reports it. */
export interface BuildInfo {
  readonly buildTag: string;
  readonly buildHash: string;
}

/** The answer of `/api/v1/labels`. */
export function labelsFile(): SiteFile {
  return jsonFile('api/labels.json', 'application/json', COMPUTED_LABELS);
}

/** The answer of `/api/v1/health`. */
export function healthFile({ buildTag, buildHash }: BuildInfo): SiteFile {
  return jsonFile('api/health.json', 'application/health+json', {
    status: 'pass',
    version: '1',
    releaseID: buildTag,
    details: { buildInfo: { buildHash, buildHashShort: buildHash.slice(0, 7) } },
    description: 'Mattermost plugin marketplace',
  });
}

/** `/catalog.json`: everything the build was made of, in the form of a catalog file. It builds the same answers again. */
export function catalogFile(catalog: CatalogIndex): SiteFile {
  return {
    path: 'api/catalog.json',
    contentType: 'application/json',
    content: formatReleases(catalog.map(({ release }) => release)),
  };
}

/**
 * `/signed.json` of a build that nobody has signed. It is the one file that the manifest does not list, since its signed form names
 * the digest of the manifest, and the one file of a snapshot that may be replaced: by a later statement about the same.
 */
export function unsignedFile(): SiteFile {
  return jsonFile(SIGNED_PATH, 'application/json', { signed: null });
}

/** The answer without releases. */
export function emptyFile(): SiteFile {
  return { path: 'api/empty.json', contentType: 'application/json', content: '[]\n' };
}

function jsonFile(path: string, contentType: string, value: unknown): SiteFile {
  return { path, contentType, content: `${JSON.stringify(value)}\n` };
}
