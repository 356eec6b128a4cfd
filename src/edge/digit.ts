// Edge dialect: this file is part of the router.

/**
 * A number as one character: `(` is 0. Digits compare as their numbers do, and none is a blank, `!` or `"`. One byte up to 86.
 */
export function digit(value: number): string {
  return String.fromCharCode(value + 40);
}

/** The number of the digit at a position of a text. */
export function digitAt(text: string, position: number): number {
  return text.charCodeAt(position) - 40;
}
