import { isDeepStrictEqual } from 'node:util';
import type { Release } from '../catalog/release.ts';
import { formatLocation, type JsonPath } from '../lib/json/finding.ts';
import { renderRelease } from '../query/render.ts';
import type { FieldChange } from './catalog-diff.ts';

/** How two releases differ in answers; one that is absent differs from any other. */
export interface ReleaseDifference {
  /** For each platform, in the order given, whether its answer differs. Not all false. */
  readonly platforms: readonly boolean[];
  /** Empty where one is absent or the versions differ. */
  readonly fields: readonly FieldChange[];
}

/** Undefined where they are answered alike. */
export type CompareReleases = (
  from: Release | undefined,
  to: Release | undefined,
) => ReleaseDifference | undefined;

/**
 * Compares releases as they are answered for some platforms. Answers are compared as JSON values: in which order the fields
 * of an object stand says nothing. What was compared once is remembered.
 */
export function createComparison(platforms: readonly string[]): CompareReleases {
  const everywhere = { platforms: platforms.map(() => true), fields: [] };
  const parsed = new Map<Release, unknown[]>();
  const formsOf = (release: Release): unknown[] => {
    const known = parsed.get(release);
    if (known) return known;
    const forms = platforms.map((platform) => JSON.parse(renderRelease(release, platform)));
    parsed.set(release, forms);
    return forms;
  };
  const compare = (from: Release, to: Release): ReleaseDifference | undefined => {
    if (from.manifest.version !== to.manifest.version) return everywhere;
    const [before, after] = [formsOf(from), formsOf(to)];
    const differs = before.map((form, i) => !isDeepStrictEqual(form, after[i]));
    if (!differs.includes(true)) return undefined;
    const [plainBefore, plainAfter] = [from, to].map((release) =>
      JSON.parse(renderRelease(release, '')),
    );
    return { platforms: differs, fields: findFieldChanges(plainBefore, plainAfter) };
  };
  const compared = new Map<Release, Map<Release, ReleaseDifference | undefined>>();
  return (from, to) => {
    if (from === undefined || to === undefined) return from === to ? undefined : everywhere;
    const known = compared.get(from) ?? new Map();
    compared.set(from, known);
    if (!known.has(to)) known.set(to, compare(from, to));
    return known.get(to);
  };
}

/** The fields in which two JSON values differ, as deep as both are objects, or arrays of equal length. */
function findFieldChanges(from: unknown, to: unknown, path: JsonPath = []): FieldChange[] {
  if (isRecord(from) && isRecord(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) =>
      findFieldChanges(fieldOf(from, key), fieldOf(to, key), [...path, key]),
    );
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item, i) => findFieldChanges(item, to[i], [...path, i]));
  }
  if (isDeepStrictEqual(from, to)) return [];
  return [
    {
      path: formatLocation(path),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    },
  ];
}

/** A field named like something that every object inherits is still absent where it is not there. */
function fieldOf(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
