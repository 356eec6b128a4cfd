import { constants, copyFile, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { bundleOf, nameBundle, type OfferedBundle } from '../../catalog/bundles/bundles-of.ts';
import { nameRelease } from '../../catalog/located-release.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { readBundle } from '../../curation/bundles/read-bundle.ts';
import { newestFor } from '../../curation/select-releases.ts';
import { checkBundle } from '../../curation/verify/check-bundle.ts';
import { hashFile } from '../../lib/digests.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import { explainWriteError, makeFolders } from '../../lib/files/explain-file-error.ts';
import { nextPath, removeLeftovers, replaceFile } from '../../lib/files/replace-file.ts';
import { readText } from '../../lib/json/read-text.ts';
import { foldId } from '../../mattermost/install/manifest-rules.ts';
import { decodeSignature } from '../../mattermost/openpgp/signature.ts';
import { CATALOG_FILE, openPack, type PackFile } from '../format/pack.ts';

export interface PrepackageOptions {
  /** The folder of a pack whose bundles were checked. */
  readonly pack: string;
  /** The folder that becomes `prepackaged_plugins` of a server. */
  readonly folder: string;
  readonly serverVersion: string;
  readonly platform: string;
  /** Whether other versions of these plugins are removed from the folder. */
  readonly isPruning: boolean;
}

export interface PrepackageResult {
  /** The plugins that the folder has, such as `jira@4.1.0 linux-amd64`. */
  readonly plugins: readonly string[];
  /** Those that the server could not start, with the reason. */
  readonly leftOut: readonly string[];
  /** The bundles that were removed. */
  readonly removed: readonly string[];
}

/**
 * Writes the folder that servers read as `prepackaged_plugins`: of each plugin of a pack the bundle that one server installs,
 * with its signature beside it. At every moment, a bundle in it is whole and has its signature.
 *
 * @throws {UserError} if the folder has another version of one of the plugins, or cannot be written
 */
export async function writePrepackaged(options: PrepackageOptions): Promise<PrepackageResult> {
  const { pack, folder, isPruning } = options;
  await refuseNested(pack, folder);
  const { chosen, leftOut } = await choose(options);
  const others = await findOthers(folder, chosen);
  if (others.length > 0 && !isPruning) throw explainOthers(folder, others);
  await makeFolders(folder).catch((error: unknown) => {
    throw explainWriteError(error, folder);
  });
  for (const one of chosen) await put(one, options);
  for (const { name } of others) {
    await rm(path.join(folder, name));
    await rm(path.join(folder, `${name}.sig`), { force: true });
  }
  return {
    plugins: chosen.map(({ bundle }) => nameOf(bundle)),
    leftOut,
    removed: others.map(({ name }) => name),
  };
}

/** A bundle for the folder, and the file of the pack that has it. */
interface Chosen {
  readonly bundle: OfferedBundle;
  readonly file: PackFile;
}

async function choose({ pack: folder, serverVersion, platform }: PrepackageOptions) {
  const pack = await openPack(folder);
  const read = await readText(path.join(folder, CATALOG_FILE), CATALOG_FILE);
  const { releases, problems } =
    'problem' in read
      ? { releases: [], problems: [read.problem] }
      : parseCatalog(read.text, CATALOG_FILE);
  if (problems.length > 0) throw new UserError(`${folder} has no whole catalog`, problems);
  const chosen: Chosen[] = [];
  const leftOut: string[] = [];
  for (const release of newestFor(releases, serverVersion)) {
    const bundle = bundleOf(release, platform);
    const file = pack.files.find(({ path: name }) => bundle?.url === `${pack.baseUrl}/${name}`);
    if (bundle === undefined || file === undefined) {
      leftOut.push(`${nameRelease(release)} has no bundle for ${platform} in the pack`);
      continue;
    }
    const contents = await readBundle(path.join(folder, file.path), file.path);
    const [failure] = checkBundle(contents, release.manifest, platform).failures;
    if (failure === undefined) chosen.push({ bundle, file });
    else leftOut.push(`${nameOf(bundle)} ${failure}`);
  }
  return { chosen, leftOut };
}

/** A server reads all bundles, and takes one of two versions by chance. */
async function findOthers(folder: string, chosen: readonly Chosen[]) {
  const wanted = new Set(chosen.map(({ file }) => path.basename(file.path)));
  const ids = new Set(chosen.map(({ bundle }) => foldId(bundle.release.manifest.id)));
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const others: { readonly name: string; readonly id: string }[] = [];
  for (const name of names.filter((one) => one.endsWith('.tar.gz') && !wanted.has(one)).sort()) {
    // What is no plugin is no version of one.
    const bundle = await readBundle(path.join(folder, name), name).catch(() => null);
    const id = bundle === null ? '' : foldId(bundle.manifest.id);
    if (ids.has(id)) others.push({ name, id });
  }
  return others;
}

function explainOthers(folder: string, others: Awaited<ReturnType<typeof findOthers>>) {
  return new UserError(
    `${folder} has other bundles of these plugins, and a server would take one of two by chance`,
    others.map(
      ({ name, id }): Problem => ({
        level: 'error',
        file: path.join(folder, name),
        message: `is a bundle of ${id}`,
        remedy: 'remove it, or use --prune',
      }),
    ),
  );
}

/** The signature is there before its bundle. */
async function put({ bundle, file }: Chosen, { pack, folder }: PrepackageOptions) {
  const target = path.join(folder, path.basename(file.path));
  const signature = decodeSignature(bundle.signature) ?? Buffer.alloc(0);
  await replaceFile(`${target}.sig`, signature);
  await removeLeftovers(target);
  if ((await hashFile(target))?.sha256 === file.sha256) return;
  const next = nextPath(target);
  try {
    await copyFile(path.join(pack, file.path), next, constants.COPYFILE_FICLONE);
    const handle = await open(next, 'r+');
    await handle.sync().finally(() => handle.close());
    if ((await hashFile(next))?.sha256 !== file.sha256) {
      throw new UserError(`${file.path} is not whole: run npm run catalog -- mirror --check`);
    }
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw explainWriteError(error, target);
  }
}

/** Servers look into subfolders, where the bundles of a pack have no signatures beside them. */
async function refuseNested(pack: string, folder: string) {
  const [outer, inner] = await Promise.all(
    [pack, folder].map((one) => realpath(one).catch(() => path.resolve(one))),
  );
  const isInside = (from = '', to = '') => {
    const way = path.relative(from, to);
    return way === '' || (way.split(path.sep)[0] !== '..' && !path.isAbsolute(way));
  };
  if (!isInside(outer, inner) && !isInside(inner, outer)) return;
  throw new UserError(
    `${folder} and the pack ${pack} lie in each other: name a folder of its own with --prepackaged`,
  );
}

function nameOf({ release, platform }: OfferedBundle) {
  return nameBundle(nameRelease(release), platform);
}
