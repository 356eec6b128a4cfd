// Edge dialect: this file is part of the router.

/**
 * A text with its abbreviations written out.
 *
 * @param abbreviations a separator, then entries with it between them: a character, followed by what it stands for; it may
 *   stand for characters of earlier entries
 */
export const expand = (text: string, abbreviations: string): string =>
  abbreviations
    .slice(1)
    .split(abbreviations[0] as string)
    .reduceRight(
      (long, entry) => (entry ? long.split(entry[0] as string).join(entry.slice(1)) : long),
      text,
    );
