// Edge dialect: this file is part of the router.

/**
 * A number as one character: `(` is 0. Digits compare as their numbers do, and none is a blank, `!` or `"`. One byte up to 86.
 */
export const digit = (value: number): string => String.fromCharCode(value + 40);

/** The number of the digit at a position of a text; without one, of its first. */
export const digitAt = (text: string, position?: number): number =>
  text.charCodeAt(position as number) - 40;
