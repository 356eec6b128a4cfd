const weightedCoding = /^\s*([^\s;,]+)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/**
 * Whether a client that sent this `Accept-Encoding` gets gzip rather than identity (RFC 9110,
 * section 12.5.3): where it accepts both, the higher weight wins, and gzip on a tie. Identity is
 * the answer whenever gzip is not welcome, also for clients that refuse both.
 */
export function prefersGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  // As Mattermost servers send it.
  if (header === 'gzip') return true;
  let gzip: number | undefined;
  let identity: number | undefined;
  let others: number | undefined;
  for (const part of header.split(',')) {
    const [, coding, weight] = weightedCoding.exec(part) ?? [];
    if (coding === undefined) continue;
    const quality = weight === undefined ? 1 : Number(weight);
    switch (coding.toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        gzip = quality;
        break;
      case 'identity':
        identity = quality;
        break;
      case '*':
        others = quality;
        break;
    }
  }
  const gzipQuality = gzip ?? others ?? 0;
  // Unnamed, identity is acceptable but comes after every coding that is named.
  const identityQuality = identity ?? others ?? 0;
  return gzipQuality > 0 && gzipQuality >= identityQuality;
}
