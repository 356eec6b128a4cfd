import { z } from 'zod';
import { noticesSchema } from '../catalog/notices/notice.ts';
import { type Problem, UserError } from '../lib/errors.ts';
import { describeIssues } from '../lib/json/describe-issues.ts';
import { parseJson } from '../lib/json/parse-json.ts';
import { type BuildRouter, parseRouter } from './table/parse-router.ts';

/** Of one file; no answer comes near. */
const MOST_BYTES = 2 ** 30;

/** Fifty times the default of `--max-files`. */
const MOST_FILES = 1_000_000;

/** Of steps, platforms, and versions of a plugin. */
const MOST_TEXTS = 100_000;

const object = { error: 'is not an object' };
const matching = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, error);
const listOfTexts = z.array(z.string().max(1000)).max(MOST_TEXTS).readonly();
const count = z.int().min(0);

const bytes = {
  sha256: matching(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex'),
  size: z
    .number({ error: 'is not a size in bytes' })
    .refine(
      (size) => Number.isSafeInteger(size) && size >= 0 && size <= MOST_BYTES,
      'is not a size in bytes, at most 1 GiB',
    ),
};

const file = z.object(
  {
    /** Relative to the folder of the build, with slashes: `snapshots/<id>/api/labels.json`. */
    path: z.string({ error: 'is not a path inside the build' }).refine(isInsidePath, {
      error: 'is not a path inside the build, of at most 1024 characters',
    }),
    /** Digest and size are those of the content, in whatever form it is stored. */
    ...bytes,
    // It becomes a header, so it must not contain a line break.
    contentType: matching(/^[ -~]{1,200}$/, 'is not a content type'),
    /** Of the gzip form at `<path>.gz`, if there is one. */
    gzip: z.object(bytes, object).exactOptional(),
  },
  object,
);

const listing = z.object(
  {
    /** The digest of the snapshot's files and of the router's code. */
    id: matching(/^[0-9a-f]{1,64}$/, 'is not a digest in lower-case hex'),
    /** The forms of the files: plain (the default), as `<path>.gz` if that is smaller, or both. */
    compress: z.enum(['off', 'gzip', 'both'], 'is not off, gzip or both').exactOptional(),
    /** Every file of the build but `snapshot.json`, in the order of the paths. */
    files: z
      .array(file, { error: 'is not an array' })
      .max(MOST_FILES, `has more than ${MOST_FILES} files`)
      .readonly(),
  },
  object,
);

/** Lists by plugin id. `z.record` skips a plugin `__proto__`. */
const versions = z
  .custom<Readonly<Record<string, readonly string[]>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    { error: 'is not an object', abort: true },
  )
  .superRefine((lists, context) => {
    for (const [id, input] of Object.entries(lists)) {
      if (listOfTexts.safeParse(input).success) continue;
      context.addIssue({ code: 'custom', path: [id], message: 'is not a list of versions', input });
    }
  });

const pageSizes = z.union([z.literal('every'), z.array(z.int()).readonly()]);

const description = z.object({
  catalog: z.object({
    plugins: count,
    releases: count,
    /** The versions of each plugin by its id, highest first: what two snapshots differ in. */
    versions,
  }),
  /** What the catalog's maintainers said of releases when it was built. */
  notices: noticesSchema.readonly().exactOptional(),
  /** The requests that have an answer. */
  published: z.object({
    /** The server versions at which some answer changes. */
    steps: listOfTexts,
    /** The platforms with bundles of their own. */
    platforms: listOfTexts,
    /** Whether newest versions can be searched by text. */
    search: z.boolean(),
    /** Whether every server version can ask for all versions of all plugins. */
    allLists: z.boolean(),
    /** Of CloudFront, which may have room for less; missing where it is not built for. */
    cloudFront: z.object({ search: z.boolean(), store: z.boolean() }).exactOptional(),
    /** The page sizes beside the whole answer. */
    pageSizes: z.object({ newest: pageSizes, all: pageSizes, search: pageSizes }),
    /** The parts of the space of answers: what each costs, and whether it is published. */
    parts: z
      .array(
        z.object({
          tier: count,
          name: z.string(),
          files: count,
          bytes: count,
          isPublished: z.boolean(),
          setting: z.string(),
        }),
      )
      .readonly(),
  }),
});

/** A row of `files` in `snapshot.json`. */
export type SnapshotFile = Readonly<z.infer<typeof file>>;

/** The files of a build, which a manifest of any version lists. */
export type FileList = Readonly<z.infer<typeof listing>>;

/** The manifest of a build, `snapshot.json`. */
export interface Snapshot extends FileList, Readonly<z.infer<typeof description>> {
  /** Readers of a build use their own router with this table, and run no code of it. */
  readonly router: BuildRouter;
}

/**
 * Reads the text of a `snapshot.json`. Every path in it lies inside the build.
 *
 * @param label its name in messages
 * @throws {UserError} with every problem and its location
 */
export function parseSnapshot(text: string, label: string): Snapshot {
  const snapshot = parseFileList(text, label);
  const router = parseRouter(snapshot, label);
  const checked = description.safeParse(snapshot, { reportInput: true });
  if (!checked.success) throw noManifest(label, describeIssues(checked.error, label));
  return { ...(snapshot as Snapshot), router };
}

/** As `parseSnapshot`, for a manifest of any version: only its id and its files are checked. */
export function parseFileList(text: string, label: string): FileList {
  const json = parseJson(text, label);
  if ('problems' in json) {
    throw new UserError(`${label} is not JSON: run npm run build first`, json.problems);
  }
  const checked = listing.safeParse(json.value, { reportInput: true });
  if (!checked.success) throw noManifest(label, describeIssues(checked.error, label));
  const list = json.value as FileList;
  const seen = new Set<string>();
  const twice = list.files.find(({ path }) => seen.has(path) || !seen.add(path));
  if (twice === undefined) return list;
  throw noManifest(label, [
    { level: 'error', file: label, path: 'files', found: twice.path, message: 'is listed twice' },
  ]);
}

/** The folder of what is served, in a build and in a bucket. */
export const snapshotFolder = (id: string) => `snapshots/${id}/`;

/** Where a snapshot has `/signed.json`, inside its folder. */
export const SIGNED_PATH = 'api/signed.json';

/** The same inside a build, and its key in a bucket. */
export const signedFile = (id: string) => `${snapshotFolder(id)}${SIGNED_PATH}`;

/** The files of a build that are served; in a bucket, their paths are their keys. */
export function servedFiles({ id, files }: Pick<FileList, 'id' | 'files'>): SnapshotFile[] {
  return files.filter(({ path }) => path.startsWith(snapshotFolder(id)));
}

function noManifest(label: string, problems: readonly Problem[]): UserError {
  return new UserError(
    `${label} is not the manifest of a build: run npm run build first`,
    problems,
  );
}

function isInsidePath(path: string): boolean {
  if (!/^[ -~]{1,1024}$/.test(path) || path.includes('\\')) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}
