/** A server version as people say it: `9.5` for `9.5.0`. */
export function shortVersion(version: string): string {
  return version.replace(/^(\d+\.\d+)\.0$/, '$1');
}

/** `9.5 or newer` for `9.5.0`. */
export function orNewer(version: string): string {
  return `${shortVersion(version)} or newer`;
}

/** The servers that a release requires: `Server 9.5 or newer`. */
export function requirementWords(minServerVersion: string | null | undefined): string {
  return minServerVersion ? `Server ${orNewer(minServerVersion)}` : 'Any server';
}

/** Whom a hosting leaves out: `Cloud only`, `Self-hosted only`; empty where it is for both. */
export function hostingWords(hosting: string): string {
  return hosting === 'cloud' ? 'Cloud only' : hosting === 'on-prem' ? 'Self-hosted only' : '';
}
