/** Whether a text matches a pattern of the settings: `*` matches anything, the rest is literal. */
export function fitsPattern(pattern: string, text: string): boolean {
  return toRegExp(pattern, '.*').test(text);
}

/** The version in a tag that matches a pattern such as `server/v{version}`; undefined if it does not match. */
export function versionByPattern(pattern: string, tag: string): string | undefined {
  return toRegExp(pattern.replace('{version}', '*'), '(.*)').exec(tag)?.[1];
}

function toRegExp(pattern: string, wildcard: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join(wildcard)}$`, 's');
}
