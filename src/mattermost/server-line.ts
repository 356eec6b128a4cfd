import { compare } from 'semver';

/** How a server asks for a plugin that is to be installed. */
export type InstallRequest = 'none' | 'filter' | 'all-versions' | 'newest';

/** Server versions that behave alike towards a marketplace. */
export interface ServerLine {
  /** The first version, such as `5.18.0`. */
  readonly first: string;
  /** The last minor version, such as `5.19`; empty if the line continues. */
  readonly last: string;
  readonly installRequest: InstallRequest;
}

/**
 * Every version at which servers began to send, decode or install otherwise, oldest first. Versions between two rows behave
 * as the row before.
 */
const CHANGES: readonly (readonly [first: string, installRequest: InstallRequest])[] = [
  // Shows the marketplace, but installs nothing from it.
  ['5.16.0', 'none'],
  // Installs, verifies signatures; an archive must hold files and folders only.
  ['5.18.0', 'filter'],
  // Labels; `local_only`; links in an archive are skipped; `required_configuration` is decoded.
  ['5.20.0', 'filter'],
  // `manifest.release_notes_url`.
  ['5.22.0', 'filter'],
  // `build_enterprise_ready`, `enterprise_plugins`; downloads are tried again.
  ['5.24.0', 'filter'],
  // `cloud`, `platform`.
  ['5.30.0', 'filter'],
  // `plugin_id`, `return_all_versions`; hosting, author type, stage; programs for every platform.
  ['5.32.0', 'all-versions'],
  // `manifest.backend` is gone.
  ['6.0.0', 'all-versions'],
  // The newest version is installed, whichever was clicked.
  ['6.5.0', 'newest'],
  // Settings have a `hosting`.
  ['7.3.0', 'newest'],
  // `remote_only`.
  ['7.8.0', 'newest'],
  // `required_configuration` is no longer decoded.
  ['9.0.0', 'newest'],
  // Settings in sections.
  ['10.0.0', 'newest'],
  ['10.1.0', 'newest'],
  ['10.5.0', 'newest'],
  ['11.0.0', 'newest'],
];

/** The last minor version of each major one that has a successor. */
const LAST_MINOR: Readonly<Record<string, number>> = { 5: 39, 6: 7, 7: 11, 8: 1, 9: 11, 10: 12 };

/** The lines from 5.16 on, oldest first; the last goes on. Source: docs/mattermost.md, Requests, Decoding, Installing. */
export const SERVER_LINES: readonly ServerLine[] = CHANGES.map(([first, installRequest], i) => ({
  first,
  last: minorBefore(CHANGES[i + 1]?.[0]),
  installRequest,
}));

/** The platforms that servers are built for, as they name them: GOOS and GOARCH. People build further ones themselves. */
export const SERVER_PLATFORMS: readonly string[] = [
  ...['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'],
  ...['windows-amd64', 'freebsd-amd64', 'freebsd-arm64'],
];

/** The line of a server version; undefined for one from before the marketplace. */
export function lineOf(version: string): ServerLine | undefined {
  return SERVER_LINES.findLast(({ first }) => isAtLeast(version, first));
}

/** The lines that have servers of that version or newer, each with the oldest of them. */
export function linesFrom(
  version: string,
): { readonly line: ServerLine; readonly oldest: string }[] {
  return SERVER_LINES.flatMap((line, i) => {
    const next = SERVER_LINES[i + 1];
    if (next !== undefined && isAtLeast(version, next.first)) return [];
    return [{ line, oldest: isAtLeast(line.first, version) ? line.first : version }];
  });
}

/** Whether a server version is that one or newer. */
export function isAtLeast(version: string, first: string): boolean {
  return compare(version, first) >= 0;
}

/**
 * The name of neighbouring lines in messages: `5.16 to 5.19`, `11.0 and newer`, `6.7`.
 *
 * @param minimum where only the servers from this version on are meant
 */
export function nameLines(lines: readonly ServerLine[], minimum = '0.0.0'): string {
  const [line] = lines;
  if (line === undefined) return 'none';
  const first = isAtLeast(line.first, minimum) ? line.first.replace(/\.0$/, '') : minimum;
  const last = lines.at(-1)?.last;
  if (last === '') return `${first} and newer`;
  const [major, minor] = first.split('.');
  return `${major}.${minor}` === last ? first : `${first} to ${last}`;
}

function minorBefore(version: string | undefined): string {
  if (version === undefined) return '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return minor > 0 ? `${major}.${minor - 1}` : `${major - 1}.${LAST_MINOR[major - 1]}`;
}
