/** An address to link to, as far as it is one of the web; undefined for `javascript:` and all others. */
export function webLink(address: unknown): string | undefined {
  return typeof address === 'string' && /^https?:\/\//i.test(address) ? address : undefined;
}
