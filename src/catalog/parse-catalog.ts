import type { Problem } from '../lib/errors.ts';
import { findUnkeepable } from '../lib/json/find-unkeepable.ts';
import { cutToLine, type Finding, formatPath, showValue } from '../lib/json/finding.ts';
import { createLocator } from '../lib/json/locate.ts';
import { parseJson } from '../lib/json/parse-json.ts';
import { fillDefaults } from './fill-defaults.ts';
import { checkEntry } from './problems/check-entry.ts';
import type { Release } from './release.ts';
import type { Entry } from './schema.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** The contents of one catalog file, or all its problems. */
export interface ParseCatalogResult {
  /** In file order, so the index is that of the entry; empty if there are problems. */
  readonly releases: Release[];
  readonly problems: Problem[];
}

/** Parses and validates the text of a catalog file. `file` is how problems name it. Never throws. */
export function parseCatalog(text: string, file: string): ParseCatalogResult {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  const parsed = parseJson(json, file);
  if ('problems' in parsed) {
    return { releases: [], problems: [...parsed.problems] };
  }
  const findings = findAll(parsed.value);
  return findings.length === 0
    ? { releases: (parsed.value as Entry[]).map(fillDefaults), problems: [] }
    : { releases: [], problems: toProblems(findings, json, file).sort(byPosition) };
}

function findAll(catalog: unknown): Finding[] {
  const unkeepable = findUnkeepable(catalog);
  // Do not look further into what nests too deeply: showing it would overflow the stack as well.
  if (unkeepable.some((finding) => !('found' in finding))) {
    return unkeepable;
  }
  if (!Array.isArray(catalog)) {
    const remedy = 'write a list of releases: [{…}, {…}]';
    return [{ path: [], found: catalog, message: 'is not an array', remedy }, ...unkeepable];
  }
  const broken = catalog.flatMap((entry, index) =>
    checkEntry(entry).map((finding) => ({ ...finding, path: [index, ...finding.path] })),
  );
  return [...broken, ...unkeepable];
}

function toProblems(findings: readonly Finding[], json: string, file: string): Problem[] {
  const locate = createLocator(json);
  return findings.map((finding) => {
    const location = locate(finding.path, finding.atKey ?? false);
    const path = formatPath(finding.path);
    return {
      level: 'error',
      file,
      ...(path === '' ? {} : { path }),
      ...location?.position,
      ...('found' in finding ? { found: show(finding.found, location?.source) } : {}),
      message: finding.message,
      remedy: finding.remedy,
    };
  });
}

function byPosition(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** A value in a line. A number is shown as written: what is wrong with it may be that it cannot be kept. */
function show(value: unknown, source: string | undefined): string {
  return typeof value === 'number' && source !== undefined ? cutToLine(source) : showValue(value);
}
