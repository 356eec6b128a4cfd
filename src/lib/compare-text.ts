const HIGH = /[\ud800-\uffff]/;

/** Orders texts by code point, as the reference orders the bytes of their UTF-8. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // The order of UTF-16 is another only for surrogates against what is above them.
  if (HIGH.test(a) && HIGH.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
