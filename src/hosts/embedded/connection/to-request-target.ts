const absoluteForm = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i;
const notPrintableAscii = /[^!-~]/g;

/**
 * Path and query of a request line, as CloudFront sees them: `http://host/path?a=b`, which proxies send, becomes
 * `/path?a=b`, and each byte outside ASCII, which Node hands over as Latin-1, is percent-encoded.
 */
export function toRequestTarget(url: string): string {
  let target = url;
  if (!url.startsWith('/') && absoluteForm.test(url)) {
    target = url.replace(absoluteForm, '');
    if (!target.startsWith('/')) target = `/${target}`;
  }
  return target.replace(notPrintableAscii, percentEncodeByte);
}

/** A byte, given as a character, as `%C3`. */
export function percentEncodeByte(character: string): string {
  const byte = character.charCodeAt(0) & 0xff;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
