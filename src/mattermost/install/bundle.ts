import { compare, valid } from 'semver';
import { findUndecodableManifest } from '../answers/undecodable.ts';
import { lineOf, linesFrom, nameLines } from '../server-line.ts';
import {
  type BundleFinding,
  entryPath,
  type UnpackedArchive,
  type UnpackedFile,
} from './archive.ts';
import {
  commonProgram,
  foldId,
  isInstallableId,
  ownPrograms,
  type ServerPart,
  serverPart,
  webappFile,
  webappPart,
} from './manifest-rules.ts';

/** The possible names of a manifest, in the order in which a server looks (server/public/model/manifest.go). */
export const MANIFEST_NAMES: readonly string[] = ['plugin.yml', 'plugin.yaml', 'plugin.json'];

/** What a server knows of a bundle before it looks inside. */
export interface ServerBundle {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** YAML takes a number or a truth value for text, too; JSON does not. */
  readonly isYaml?: boolean;
  /** By their paths inside the plugin's folder. */
  readonly files: ReadonlyMap<string, UnpackedFile>;
}

export interface BundleServer {
  /** The platform that the bundle is for, such as `linux-amd64`; empty: all that it has a program for. */
  readonly platform: string;
  /** If given, also judges whether a server of that version starts the plugin. */
  readonly serverVersion?: string;
}

/**
 * Finds the manifest that a server reads. A server looks at the top only if there is more than one folder.
 *
 * @returns its path in the archive, or the reason why a server finds none, worded to follow the name of the bundle
 */
export function findManifest({
  files,
  root,
  tops,
}: UnpackedArchive):
  | { readonly path: string; readonly name: string }
  | { readonly missing: string } {
  const name = MANIFEST_NAMES.find((candidate) => files.has(`${root}${candidate}`));
  if (name !== undefined) return { path: `${root}${name}`, name };
  const hidden = tops.find((top) => MANIFEST_NAMES.some((one) => files.has(`${top}/${one}`)));
  if (root === '' && hidden !== undefined) {
    const others = tops.filter((top) => top !== hidden).map((top) => JSON.stringify(top));
    return {
      missing: `has no plugin.json where servers look: beside the folder "${hidden}" it holds ${others.slice(0, 3).join(', ')}, and so they look at its top only`,
    };
  }
  return { missing: 'has no plugin.json, neither at its top nor in its only folder' };
}

/** Why a server does not install or cannot start a bundle that it has unpacked (server/public/plugin/environment.go). */
export function judgeBundle(
  { manifest, isYaml = false, files }: ServerBundle,
  { platform, serverVersion }: BundleServer,
): BundleFinding[] {
  const server = serverPart(manifest);
  const webapp = webappPart(manifest);
  return [
    ...judgeTypes(manifest, isYaml, serverVersion),
    ...judgeId(manifest['id']),
    ...(webapp ? judgeWebapp(webapp.bundle_path, files) : []),
    ...(server ? judgePrograms(server, files, platform) : []),
    ...(server || webapp ? [] : [EMPTY]),
    ...(serverVersion === undefined ? [] : judgeMinimum(manifest, serverVersion)),
  ];
}

const EMPTY: BundleFinding = {
  level: 'warning',
  message: 'declares neither a server nor a webapp: it can be installed and not be activated',
};

function error(message: string): BundleFinding {
  return { level: 'error', message };
}

/** A single value of a wrong type makes a server reject the manifest. Servers that are too old for the plugin do not count. */
function judgeTypes(
  manifest: ServerBundle['manifest'],
  isYaml: boolean,
  serverVersion: string | undefined,
): BundleFinding[] {
  const minimum = String(manifest['min_server_version'] ?? '');
  const lines =
    serverVersion === undefined
      ? linesFrom(valid(minimum) === null ? '0.0.0' : minimum).map(({ line }) => line)
      : [lineOf(serverVersion)];
  return findUndecodableManifest(manifest)
    .wrongTypes.filter((wrong) => wrong.lines.some((line) => lines.includes(line)))
    .filter(({ found, takes }) => !(isYaml && takes === 'a string' && SCALAR.test(found)))
    .map(({ path, found, takes, lines }) =>
      error(
        `has ${found} at ${path.join('.')} of its manifest, where servers ${nameLines(lines)} take ${takes} and install nothing else`,
      ),
    );
}

const SCALAR = /^(?:a number|true|false)$/;

function judgeId(id: unknown): BundleFinding[] {
  if (!isInstallableId(String(id))) {
    return [
      error(
        `has the id ${JSON.stringify(id)}, which servers refuse: use 3 to 190 of a-z 0-9 _ . -`,
      ),
    ];
  }
  const lower = foldId(String(id));
  const message = `has the id ${JSON.stringify(id)}: servers install it as ${JSON.stringify(lower)}`;
  return lower === id ? [] : [{ level: 'warning', message }];
}

function judgeWebapp(bundlePath: unknown, files: ServerBundle['files']): BundleFinding[] {
  const shown = JSON.stringify(bundlePath);
  const webapp = webappFile(bundlePath);
  if ('file' in webapp) return files.has(webapp.file) ? [] : [error(`lacks its webapp ${shown}`)];
  return [
    error(
      webapp.refusal === 'empty'
        ? 'declares a webapp without a bundle_path'
        : `declares a webapp outside of its folder, ${shown}`,
    ),
  ];
}

function judgePrograms(
  server: ServerPart,
  files: ServerBundle['files'],
  platform: string,
): BundleFinding[] {
  const own = ownPrograms(server).filter(([name]) => platform === '' || name === platform);
  const common = commonProgram(server);
  const needed = own.length === 0 && common !== undefined ? [[platform, common] as const] : own;
  if (needed.length === 0) {
    return [error(`declares no program${platform === '' ? '' : ` for ${platform}`}`)];
  }
  return needed.flatMap(([name, program]) => judgeProgram(program, name, files));
}

function judgeProgram(
  program: string,
  platform: string,
  files: ServerBundle['files'],
): BundleFinding[] {
  const shown = JSON.stringify(program);
  const path = entryPath(program);
  if (path === null) return [error(`declares a program outside of its folder, ${shown}`)];
  const file = files.get(path);
  if (file === undefined) return [error(`lacks its program ${shown}`)];
  if (file.sizeBytes === 0) return [error(`has an empty program, ${shown}`)];
  // Windows recognizes programs by their names.
  if (platform.startsWith('windows-') || (file.mode & OWNER_RUNS) !== 0) return [];
  return [
    error(
      `has a program that is not executable, ${shown} (mode ${file.mode.toString(8)}): run chmod +x before packing`,
    ),
  ];
}

/** Servers unpack files as their own. */
const OWNER_RUNS = 0o100;

/** Only a server that starts a plugin looks at the minimum; then the old version is gone. */
function judgeMinimum(manifest: ServerBundle['manifest'], serverVersion: string): BundleFinding[] {
  const minimum = manifest['min_server_version'] ?? '';
  if (minimum === '') return [];
  const shown = JSON.stringify(minimum);
  try {
    if (compare(serverVersion, String(minimum)) >= 0) return [];
  } catch {
    return [error(`has the min_server_version ${shown}: servers install it and cannot start it`)];
  }
  return [
    error(`needs a server of ${shown}: one of ${serverVersion} installs it and cannot start it`),
  ];
}
