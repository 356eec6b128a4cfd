import { type Problem, UserError } from '../errors.ts';

/** What readers of a build need of one row of `files` in `snapshot.json`. */
export interface SnapshotFile {
  /** Relative to the build's folder, with slashes: `snapshots/<id>/api/labels.json`. */
  readonly path: string;
  /** 64 hex digits. */
  readonly sha256: string;
  readonly size: number;
  readonly contentType: string;
  /** Of the gzip form at `<path>.gz`, where there is one; what is said above holds of the content. */
  readonly gzip?: { readonly sha256: string; readonly size: number };
}

/** What readers of a build need of `snapshot.json`. */
export interface Snapshot {
  readonly id: string;
  readonly files: readonly SnapshotFile[];
}

type Rule = readonly [key: string, isValid: (value: unknown) => boolean, want: string];

/** What is said of bytes. */
const byteRules: readonly Rule[] = [
  ['sha256', (value) => isMatch(value, /^[0-9a-f]{64}$/), 'is not a SHA-256 in lower-case hex'],
  ['size', (value) => Number.isSafeInteger(value) && Number(value) >= 0, 'is not a size in bytes'],
];

const rowRules: readonly Rule[] = [
  ['path', isInsidePath, 'is not a path inside the build'],
  ...byteRules,
  // It becomes a header, so it must not hold a line break.
  ['contentType', (value) => isMatch(value, /^[ -~]+$/), 'is not a content type'],
];

/**
 * Reads the text of a `snapshot.json`; `file` is how messages call it.
 *
 * @throws UserError with every problem found.
 */
export function parseSnapshot(text: string, file: string): Snapshot {
  const remedy = 'run npm run build first';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${remedy}`, [
      { level: 'error', file, message: error instanceof Error ? error.message : String(error) },
    ]);
  }
  const problems = findProblems(value, file);
  if (problems.length > 0) {
    throw new UserError(`${file} is not the manifest of a build: ${remedy}`, problems);
  }
  return value as Snapshot;
}

function findProblems(value: unknown, file: string): Problem[] {
  if (!isRecord(value)) return [problem(file, '', value, 'is not an object')];
  const problems: Problem[] = [];
  if (!isMatch(value['id'], /^[0-9a-f]+$/)) {
    problems.push(problem(file, 'id', value['id'], 'is not a digest in lower-case hex'));
  }
  const rows = value['files'];
  if (!Array.isArray(rows)) {
    problems.push(problem(file, 'files', rows, 'is not an array'));
    return problems;
  }
  rows.forEach((row: unknown, index) => {
    const path = `files[${index}]`;
    problems.push(...breaches(file, path, row, rowRules));
    if (isRecord(row) && row['gzip'] !== undefined) {
      problems.push(...breaches(file, `${path}.gzip`, row['gzip'], byteRules));
    }
  });
  return problems;
}

/** What of an object is not as it has to be. */
function breaches(file: string, path: string, value: unknown, rules: readonly Rule[]): Problem[] {
  if (!isRecord(value)) return [problem(file, path, value, 'is not an object')];
  return rules
    .filter(([key, isValid]) => !isValid(value[key]))
    .map(([key, , want]) => problem(file, `${path}.${key}`, value[key], want));
}

function problem(file: string, path: string, value: unknown, message: string): Problem {
  const found = (JSON.stringify(value) ?? 'nothing').slice(0, 80);
  return { level: 'error', file, path, found, message };
}

function isInsidePath(value: unknown): boolean {
  if (!isMatch(value, /^[ -~]+$/) || value.includes('\\')) return false;
  return value.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

function isMatch(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
