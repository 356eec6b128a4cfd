// Edge dialect: this file is part of the router.

/**
 * The match of a pattern that covers the whole text, or null. The pattern begins with `^` and has no `$`: in njs `$` also
 * matches before a line break at the end.
 */
export function matchWhole(pattern: RegExp, text: string): RegExpExecArray | null {
  const match = pattern.exec(text);
  return match && match[0] === text ? match : null;
}
