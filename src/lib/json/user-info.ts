/** Whether a web address holds a user name or a password, which everyone could read where it is published. */
export function hasUserInfo(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return `${username}${password}` !== '';
}

/** A password stands at the beginning of an address. */
const MOST_CHARACTERS = 2000;

/**
 * A text as it may be shown: without what stands before the `@` of addresses, also of those that are none because of what is in
 * their password. Only the beginning of a long text.
 */
export function hideUserInfo(text: string): string {
  return text
    .slice(0, MOST_CHARACTERS)
    .replace(/(\b[a-z]{2,10}:[\\/]*)([^\s/?#"\\]*:[^\s"]*|[^\s/?#"\\]+)@/gi, '$1…@');
}
