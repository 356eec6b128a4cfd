import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errorCode, UserError } from '../../lib/errors.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';
import { parseJsonAs } from '../../lib/json/parse-json.ts';

/** The file that lists the contents of a pack. */
export const PACK_FILE = 'pack.json';
/** Its detached signature: it lists every file with its digest, so that of the whole pack. */
export const PACK_SIGNATURE_FILE = `${PACK_FILE}.sig`;
/** In the form of `PACK_FILE`: the bundles checked so far. It is removed when the pack is complete. */
export const UNFINISHED_FILE = 'pack.unfinished.json';
/** The catalog of a pack. */
export const CATALOG_FILE = 'plugins.json';
/** The folder of its bundles. */
export const BUNDLES_FOLDER = 'bundles';

const packFile = z.strictObject({
  // No file of a pack lies outside of it.
  path: z.string().regex(/^(plugins\.json|bundles\/(?!\.{1,2}$)[\w.-]+)$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().min(0),
  /** Where it was downloaded; bundles only. */
  url: z.string().optional(),
  /** Its signature in the catalog at that time: another one means another content. */
  signature: z.string().optional(),
});

const pack = z.strictObject({
  format: z.literal(1),
  /** The base URL of the folder: the catalog's URLs begin with it. */
  baseUrl: z.string(),
  files: z
    .array(packFile)
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length),
});

/** A file of a pack, as `pack.json` lists it. */
export type PackFile = z.infer<typeof packFile>;

/** The content of `pack.json`: the files of a pack with their digests. */
export type Pack = z.infer<typeof pack>;

/**
 * Reads the list of a pack; null if the folder is not a pack yet.
 *
 * @param name another file of that form
 * @throws {UserError} if the file cannot be read, or is damaged
 */
export async function readPack(folder: string, name = PACK_FILE): Promise<Pack | null> {
  const file = path.join(folder, name);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = errorCode(error);
    if (['ENOENT', 'ENOTDIR'].includes(code)) return null;
    throw new UserError(`${file} cannot be read, ${code}: check its type and its permissions`);
  });
  if (text === null) return null;
  const parsed = parseJsonAs(pack, text, name);
  if ('value' in parsed) return parsed.value;
  throw new UserError(
    `${file} is damaged: remove it, and run npm run catalog -- mirror again`,
    parsed.problems,
  );
}

/**
 * The same, for a folder that must be a pack.
 *
 * @throws {UserError} if it is not a pack, or `pack.json` is damaged
 */
export async function openPack(folder: string): Promise<Pack> {
  const pack = await readPack(folder);
  if (pack !== null) return pack;
  throw new UserError(
    `${folder} is not a pack: it has no ${PACK_FILE}, which npm run catalog -- mirror writes last`,
  );
}

/** The bundles that a pack lists. */
export function bundlesIn({ files }: Pack): PackFile[] {
  return files.filter(({ path }) => path.startsWith(`${BUNDLES_FOLDER}/`));
}

/**
 * Writes what a pack holds, in the order of the paths. A signature of other contents is removed first.
 *
 * @throws {UserError} if it cannot be written
 */
export async function writePack(
  folder: string,
  { format, baseUrl, files }: Pack,
  name = PACK_FILE,
): Promise<void> {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const text = `${JSON.stringify({ format, baseUrl, files: sorted }, null, 2)}\n`;
  const file = path.join(folder, name);
  if (name === PACK_FILE && (await readFile(file, 'utf8').catch(() => '')) !== text) {
    await rm(path.join(folder, PACK_SIGNATURE_FILE), { force: true });
  }
  await replaceFile(file, text);
}
