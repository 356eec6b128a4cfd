/** Whether a text is what a pattern of the settings says: `*` stands for anything, the rest for itself. */
export function fitsPattern(pattern: string, text: string): boolean {
  return toRegExp(pattern, '.*').test(text);
}

/** The version in a tag that is as a pattern such as `server/v{version}` says; undefined where the tag is another. */
export function versionByPattern(pattern: string, tag: string): string | undefined {
  return toRegExp(pattern.replace('{version}', '*'), '(.*)').exec(tag)?.[1];
}

function toRegExp(pattern: string, wildcard: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join(wildcard)}$`, 's');
}
