import { z } from 'zod';
import { compareText } from '../../lib/compare-text.ts';
import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import { readIfThere } from '../../lib/files/explain-file-error.ts';
import { parseJsonAs } from '../../lib/json/parse-json.ts';
import { nameRelease } from '../located-release.ts';
import type { Release } from '../release.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex');

const record = z.strictObject({
  /** Such as `jira@4.1.0`. */
  release: z.string(),
  /** Empty for the bundle of every platform without one of its own. */
  platform: z.string(),
  url: z.string(),
  /** The digest of the bundle. */
  sha256,
  /** The fingerprint of the key that signed it. */
  key: z.string().regex(/^[0-9A-F]{40}$/, 'is not the fingerprint of a key'),
  /** The digests of what it was verified against: its signature and its manifest in the catalog. */
  signature: sha256,
  manifest: sha256,
  /** The day on which that was seen first. */
  verified: z.iso.date('is not a day'),
});

/** What somebody has seen of a bundle when verifying it. */
export type VerifiedRecord = Readonly<z.infer<typeof record>>;

/** A bundle as the catalog has it. */
export interface CatalogBundle {
  readonly release: Release;
  readonly platform: string;
  readonly url: string;
  /** Base64. */
  readonly signature: string;
}

/** What of a record follows from the catalog. */
export function describeEntry({ release, platform, url, signature }: CatalogBundle) {
  return {
    release: nameRelease(release),
    platform,
    url,
    signature: digestOf(signature),
    manifest: digestOf(JSON.stringify(release.manifest, sortKeys)),
  };
}

/** The same text for equal values. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)));
}

/** Records by the bundles that they are about. */
export type VerifiedRecords = ReadonlyMap<string, VerifiedRecord>;

/** The place of a bundle among records. */
export const keyOf = ({ release, platform, url }: ReturnType<typeof describeEntry>): string =>
  JSON.stringify([release, platform, url]);

/** The record of a bundle that the catalog still has as it was verified. */
export function findVerified(
  records: VerifiedRecords,
  bundle: CatalogBundle,
): VerifiedRecord | undefined {
  if (records.size === 0) return undefined;
  const entry = describeEntry(bundle);
  const found = records.get(keyOf(entry));
  const isAsVerified = found?.signature === entry.signature && found.manifest === entry.manifest;
  return isAsVerified ? found : undefined;
}

/**
 * Reads what was seen of bundles; there are no records where there is no such file.
 *
 * @param name how messages name the file
 * @throws {UserError} if it is something else
 */
export async function readVerified(file: string, name: string): Promise<VerifiedRecords> {
  const text = (await readIfThere(file, name))?.toString() ?? '[]';
  const parsed = parseJsonAs(z.array(record), text, name);
  if ('value' in parsed) return new Map(parsed.value.map((each) => [keyOf(each), each]));
  throw new UserError(
    `${name} is not what npm run catalog -- verify --record writes: take it back as it was, or verify again without it`,
    parsed.problems,
  );
}

/** The text of the file: equal for equal records, in an order that keeps differences small. */
export function formatVerified(records: Iterable<VerifiedRecord>): string {
  const sorted = [...records].sort(
    (a, b) =>
      compareText(a.release, b.release) ||
      compareText(a.platform, b.platform) ||
      compareText(a.url, b.url),
  );
  return `${JSON.stringify(sorted, null, 2)}\n`;
}
