// Edge dialect: this file is part of the router. How a routing table is encoded.

/**
 * A number as one character: `(` is 0. Digits compare as their numbers do, and none is a blank, `!` or `"`. One byte up to 86.
 */
export const digit = (value: number): string => String.fromCharCode(value + 40);

/** The number of the digit at a position of a text; without one, of its first. */
export const digitAt = (text: string, position?: number): number =>
  text.charCodeAt(position as number) - 40;

/** A plugin's id as it stands in the routing table: without what means something there. */
export const escapeId = (id: string): string =>
  id.replace(/[%/ \n]/g, (character) => `%${character.charCodeAt(0)}`);

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
