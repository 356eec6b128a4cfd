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
