// Edge dialect: this file is part of the router.

/** What a client without the right credentials gets. A literal: of a call, the bundler does not know that it can be left out. */
export const UNAUTHORIZED = {
  status: 401 as const,
  body: '{"error":"user or password is missing or wrong","allowed":"https://USER:PASSWORD@HOST as the address"}',
};

/** The headers of that answer, besides those of every refusal. */
export const UNAUTHORIZED_HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'www-authenticate': 'Basic realm="marketplace", charset="UTF-8"',
};

/** Whether a path is answered without credentials: load balancers ask for health, which tells nothing of plugins. */
export const isOpen = (path: string): boolean => /^\/{1,10}api\/v1\/health$/.test(path);

/** How many characters of a user in the table are the salt. */
const SALT_LENGTH = 16;

/**
 * What is hashed for each user of a table: the salt, and the credentials as sent, in base64 without padding. Nothing where there are
 * none, or more than anybody has.
 *
 * @param users of the table
 * @param authorization the header
 */
export function textsToHash(users: string, authorization: string): string[] {
  const sent = /^basic +([a-z0-9+/]{1,1024})={0,2} *$/i.exec(authorization);
  return sent ? users.split(' ').map((user) => user.slice(0, SALT_LENGTH) + sent[1]) : [];
}

/**
 * Whether one of the users has sent a request. Compares every character of every hash, so that the time tells nothing.
 *
 * @param hashes of `textsToHash`: SHA-256 in hex
 */
export function isOneOf(users: string, hashes: readonly string[]): boolean {
  const known = users.split(' ');
  let isKnown = false;
  for (let i = 0; i < hashes.length; i++) {
    const hash = (known[i] as string).slice(SALT_LENGTH);
    const found = hashes[i] as string;
    let difference = hash.length ^ found.length;
    for (let j = 0; j < hash.length; j++) difference |= hash.charCodeAt(j) ^ found.charCodeAt(j);
    if (difference === 0) isKnown = true;
  }
  return isKnown;
}
