import { entryPath } from './archive.ts';

// How a server reads a manifest, in an answer or in a bundle.

/** The part of a manifest that lists a plugin's programs. */
export interface ServerPart {
  readonly executable?: unknown;
  readonly executables?: object | null;
}

/** The longest id of a plugin that servers install, in characters. */
export const MOST_ID_LENGTH = 190;

/** A plugin's id as servers have it: each character in lower case on its own, as Go does it. */
export function foldId(id: string): string {
  return id.replaceAll('\u0130', 'i').toLowerCase();
}

/** Whether a server takes every character of an id (server/public/model/plugin_valid.go). */
export function hasIdCharacters(id: string): boolean {
  return /^[a-z0-9_.-]*$/.test(foldId(id));
}

/** Whether a server installs a plugin of that id. */
export function isInstallableId(id: string): boolean {
  return id.length >= 3 && id.length <= MOST_ID_LENGTH && hasIdCharacters(id);
}

/** The programs of a manifest; undefined if it has none. `backend` is the first name of `server`. */
export function serverPart(manifest: Readonly<Record<string, unknown>>): ServerPart | undefined {
  return asObject(manifest['server'] ?? manifest['backend']);
}

/** The programs for single platforms, each with its platform. */
export function ownPrograms({ executables }: ServerPart): [platform: string, program: string][] {
  return Object.entries(executables ?? {}).filter((entry): entry is [string, string] =>
    isText(entry[1]),
  );
}

/** The program for the platforms without one of their own; undefined if there is none. */
export function commonProgram({ executable }: ServerPart): string | undefined {
  return isText(executable) ? executable : undefined;
}

/** The webapp of a manifest; undefined if it has none. */
export function webappPart(
  manifest: Readonly<Record<string, unknown>>,
): { readonly bundle_path?: unknown } | undefined {
  return asObject(manifest['webapp']);
}

/**
 * The path of a webapp's script in the plugin's folder, or why a server refuses the one in the manifest
 * (server/public/plugin/environment.go, `UnpackWebappBundle`).
 */
export function webappFile(
  bundlePath: unknown,
): { readonly file: string } | { readonly refusal: 'empty' | 'outside' } {
  if (!isText(bundlePath)) return { refusal: 'empty' };
  const file = entryPath(bundlePath);
  if (file === null) return { refusal: 'outside' };
  return file === '' ? { refusal: 'empty' } : { file };
}

/** Whether a value is a text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
