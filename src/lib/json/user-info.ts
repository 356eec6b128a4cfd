/** Whether a web address holds a user name or a password, which would be published with it. */
export function hasUserInfo(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return `${username}${password}` !== '';
}

/** A password is near the beginning of an address. */
const MOST_CHARACTERS = 2000;

/**
 * A text without what is before the `@` of addresses, even of those that are invalid because of their password. Only the
 * beginning of a long text.
 */
export function hideUserInfo(text: string): string {
  return text
    .slice(0, MOST_CHARACTERS)
    .replace(/(\b[a-z]{2,10}:[\\/]*)([^\s/?#"\\]*:[^\s"]*|[^\s/?#"\\]+)@/gi, '$1…@');
}

/** An address without its user and password, and the header that sends these instead, decoded; empty where there are none. */
export function splitUserInfo(given: string): { url: string; authorization: string } {
  if (!hasUserInfo(given)) return { url: given, authorization: '' };
  const url = new URL(given);
  const pair = [url.username, url.password].map(decodeSent).join(':');
  url.username = '';
  url.password = '';
  return {
    url: url.href.replace(/\/$/, ''),
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
  };
}

/** As servers decode it; what is no escape is meant as it stands. */
function decodeSent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
