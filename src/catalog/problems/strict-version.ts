const NUMBER = '(0|[1-9][0-9]*)';
const PRERELEASE = '(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
const BUILD = '[0-9A-Za-z-]+';

/**
 * A strict semantic version (semver.org, 2.0.0): `1.2.3`, `1.2.3-rc.1`, `1.2.3+build`; no `v`, no blanks, no leading zeros.
 * The JSON Schema uses it too, so it has no flags.
 */
export const STRICT_VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRERELEASE}(\\.${PRERELEASE})*)?(\\+${BUILD}(\\.${BUILD})*)?$`,
);

/** How long a version may be, in characters: the `semver` package, which orders versions, reads no longer ones. */
export const MAX_VERSION_LENGTH = 256;

/**
 * Whether every number that orders a strict version is exact as a JavaScript number.
 * The `semver` package refuses or confuses larger ones.
 */
export function hasSafeNumbers(version: string): boolean {
  const [precedence = ''] = version.split('+');
  // Only the first dash separates; further ones belong to an identifier, as in `1.0.0-a-1`.
  const identifiers = precedence.replace('-', '.').split('.');
  return identifiers
    .filter((identifier) => /^[0-9]+$/.test(identifier))
    .every((digits) => Number.isSafeInteger(Number(digits)));
}
