import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { bundlesOf } from '../catalog/bundles/bundles-of.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { readBundle } from '../curation/bundles/read-bundle.ts';
import {
  type VerifiedBundle,
  type VerifyOptions,
  verifyBundles,
} from '../curation/verify/verify-bundles.ts';
import { hashFile } from '../lib/digests.ts';
import { type Problem, UserError } from '../lib/errors.ts';
import { readText } from '../lib/json/read-text.ts';
import { checkSignature } from '../signatures/check-signature.ts';
import {
  BUNDLES_FOLDER,
  bundlesIn,
  CATALOG_FILE,
  openPack,
  PACK_FILE,
  type Pack,
  type PackFile,
} from './format/pack.ts';

export interface CheckPackResult {
  /** What is wrong with the files of the pack. */
  readonly problems: readonly Problem[];
  readonly bundles: readonly VerifiedBundle[];
}

/**
 * Checks a pack offline: every file exists and is unchanged, the catalog links to nothing else, each bundle matches its
 * catalog entry, and bundles that the catalog does not link to are signed.
 *
 * @throws {UserError} if the folder is not a pack
 */
export async function checkPack(
  folder: string,
  options: Omit<VerifyOptions, 'fetch'>,
): Promise<CheckPackResult> {
  const pack = await openPack(folder);
  const damaged = await checkFiles(folder, pack);
  const problems = [...damaged, ...(await findUnlisted(folder, pack))];
  const read = await readText(path.join(folder, CATALOG_FILE), CATALOG_FILE);
  if ('problem' in read) return { problems: [...problems, read.problem], bundles: [] };
  const { releases, problems: broken } = parseCatalog(read.text, CATALOG_FILE);
  const listed = new Set(pack.files.map((file) => file.path));
  const bundles = await verifyBundles(releases.flatMap(bundlesOf), {
    ...options,
    fetch: async ({ url }) => {
      const name = url.startsWith(`${pack.baseUrl}/`) ? url.slice(pack.baseUrl.length + 1) : '';
      if (!listed.has(name)) throw new UserError(`${url} is not in the pack`);
      if (damaged.some(({ file }) => file === name)) throw new UserError(`${name} is not whole`);
      return path.join(folder, name);
    },
  });
  const led = new Set(bundles.map(({ url }) => url));
  const others = bundlesIn(pack)
    .filter(({ path: name }) => !led.has(`${pack.baseUrl}/${name}`))
    .filter(({ path: name }) => !damaged.some(({ file }) => file === name));
  const unsound: Problem[] = [];
  for (const other of others) unsound.push(...(await checkOther(folder, other, options)));
  return { problems: [...problems, ...broken, ...unsound], bundles };
}

/** The problem of a bundle that the catalog does not link to: it is served all the same. */
async function checkOther(
  folder: string,
  { path: name, signature = '' }: PackFile,
  { keys, now }: Pick<VerifyOptions, 'keys' | 'now'>,
): Promise<Problem[]> {
  const file = path.join(folder, name);
  const remedy = 'make the pack again with --prune, or remove it';
  try {
    await readBundle(file, name);
    const { failure } =
      keys.length === 0 ? { failure: null } : await checkSignature(file, signature, keys, now);
    return failure === null ? [] : [{ level: 'error', file: name, message: failure, remedy }];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ level: 'error', file: name, message: error.message, remedy }];
  }
}

async function checkFiles(folder: string, { files }: Pack): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { path: name, sha256, sizeBytes } of files) {
    const found = await hashFile(path.join(folder, name));
    const message =
      found === null
        ? 'is missing, or cannot be read'
        : found.sizeBytes !== sizeBytes
          ? `has ${found.sizeBytes} bytes instead of ${sizeBytes}`
          : found.sha256 !== sha256
            ? 'has other contents than when it was written'
            : undefined;
    if (message !== undefined) {
      problems.push({
        level: 'error',
        file: name,
        message,
        remedy: 'copy it again from where the pack was made',
      });
    }
  }
  return problems;
}

async function findUnlisted(folder: string, { files }: Pack): Promise<Problem[]> {
  const listed = new Set(files.map((file) => file.path));
  const names = await readdir(path.join(folder, BUNDLES_FOLDER)).catch(() => []);
  return names
    .map((name) => `${BUNDLES_FOLDER}/${name}`)
    .filter((name) => !listed.has(name))
    .sort()
    .map((file) => ({
      level: 'warning',
      file,
      message: `is not listed in ${PACK_FILE}`,
      remedy: 'remove it, unless a mirror is under way',
    }));
}
