import { z } from 'zod';
import { UserError } from '../lib/errors.ts';
import { describeIssues } from '../lib/json/describe-issues.ts';
import { parseJson } from '../lib/json/parse-json.ts';

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

const FORMS = ['off', 'gzip', 'both'] as const;

/** What readers of a build need of `snapshot.json`. */
export interface Snapshot {
  readonly id: string;
  readonly files: readonly SnapshotFile[];
  /** Which forms the files are there in; where it is missing, plain. */
  readonly compress?: (typeof FORMS)[number];
  /** For `parseRouter`. */
  readonly router?: unknown;
}

/** Of one file; no answer comes near. */
const MOST_BYTES = 2 ** 30;

/** Fifty times the default of `--max-files`. */
const MOST_FILES = 1_000_000;

const object = { error: 'is not an object' };

/** What is said of bytes. */
const bytes = {
  sha256: matching(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex'),
  size: z
    .number({ error: 'is not a size in bytes' })
    .refine(
      (size) => Number.isSafeInteger(size) && size >= 0 && size <= MOST_BYTES,
      'is not a size in bytes, at most 1 GiB',
    ),
};

const manifest = z.object(
  {
    id: matching(/^[0-9a-f]{1,64}$/, 'is not a digest in lower-case hex'),
    compress: z.enum(FORMS, 'is not off, gzip or both').optional(),
    files: z
      .array(
        z.object(
          {
            path: z.string({ error: 'is not a path inside the build' }).refine(isInsidePath, {
              error: 'is not a path inside the build, of at most 1024 characters',
            }),
            ...bytes,
            // It becomes a header, so it must not hold a line break.
            contentType: matching(/^[ -~]{1,200}$/, 'is not a content type'),
            gzip: z.object(bytes, object).optional(),
          },
          object,
        ),
        { error: 'is not an array' },
      )
      .max(MOST_FILES, `has more than ${MOST_FILES} files`),
  },
  object,
);

/**
 * Reads the text of a `snapshot.json`; `file` is how messages call it. Whatever path it names lies inside the build.
 *
 * @throws UserError with what is wrong with it.
 */
export function parseSnapshot(text: string, file: string): Snapshot {
  const remedy = 'run npm run build first';
  const json = parseJson(text, file);
  if ('problems' in json) throw new UserError(`${file} is not JSON: ${remedy}`, json.problems);
  const checked = manifest.safeParse(json.value, { reportInput: true });
  if (!checked.success) {
    throw new UserError(
      `${file} is not the manifest of a build: ${remedy}`,
      describeIssues(checked.error, file),
    );
  }
  const snapshot = json.value as Snapshot;
  const twice = findTwice(snapshot.files.map(({ path }) => path));
  if (twice !== undefined) {
    throw new UserError(`${file} is not the manifest of a build: ${remedy}`, [
      { level: 'error', file, path: 'files', found: twice, message: 'is listed twice' },
    ]);
  }
  return snapshot;
}

function findTwice(paths: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return paths.find((path) => seen.has(path) || !seen.add(path));
}

function isInsidePath(path: string): boolean {
  if (!/^[ -~]{1,1024}$/.test(path) || path.includes('\\')) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

function matching(pattern: RegExp, error: string) {
  return z.string({ error }).regex(pattern, error);
}
