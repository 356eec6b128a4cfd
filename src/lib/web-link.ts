/** An address to link to, if it is a web address; undefined for `javascript:` and all others. */
export function webLink(address: unknown): string | undefined {
  return typeof address === 'string' && /^https?:\/\//i.test(address) ? address : undefined;
}
