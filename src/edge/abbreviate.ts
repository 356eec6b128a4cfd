// Edge dialect: this file is part of the router.

/**
 * Puts abbreviations into a text.
 *
 * @param abbreviations a separator, then entries with it between them: a character, followed by what it stands for
 */
export function abbreviate(text: string, abbreviations: string): string {
  return entries(abbreviations).reduce((short, entry) => {
    return short.split(entry.slice(1)).join(entry[0]);
  }, text);
}

/** The text without its abbreviations. */
export function expand(text: string, abbreviations: string): string {
  return entries(abbreviations).reduceRight((long, entry) => {
    return long.split(entry[0] as string).join(entry.slice(1));
  }, text);
}

function entries(abbreviations: string): string[] {
  return abbreviations ? abbreviations.slice(1).split(abbreviations[0] as string) : [];
}
