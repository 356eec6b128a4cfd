const HIGH = /[\ud800-\uffff]/;

/** Orders texts by code point, as the reference orders the bytes of their UTF-8. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // The order of UTF-16 is another only for surrogates against what is above them.
  if (HIGH.test(a) && HIGH.test(b)) return comparePoints(pointsOf(a), pointsOf(b));
  return a < b ? -1 : 1;
}

function comparePoints(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((point, i) => point !== b[i]);
  if (at < 0) return a.length - b.length;
  return (a[at] as number) - (b[at] ?? -1);
}

/** Half a surrogate pair counts as U+FFFD, as in UTF-8. */
function pointsOf(text: string): number[] {
  return Array.from(text, (character) => {
    const point = character.codePointAt(0) as number;
    return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
  });
}
