/** Orders texts by code point, as the reference orders the bytes of their UTF-8. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
