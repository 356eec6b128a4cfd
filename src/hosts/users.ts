import { createHash, randomBytes } from 'node:crypto';
import { type Problem, UserError } from '../lib/errors.ts';

/** A name needs no escape in an address, and no quotes in a configuration. */
export const USER_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** As nginx reads it, and then as the routing table has it (`router/access.ts`). */
const LINE = /^[A-Za-z0-9._-]{1,64}:\{SSHA\}[A-Za-z0-9+/]{38}==:([0-9a-f]{80})$/;

/** They are hashed for each request. */
const MOST_USERS = 50;

/** A password that nobody guesses: so its hashes can be fast, and nobody can keep a host busy with wrong ones. */
export const makePassword = (): string => randomBytes(24).toString('base64url');

/** The line of a user: name, hash for nginx, and salt and hash for our own routers. */
export function userLine(name: string, password: string, random = randomBytes): string {
  const [nginxSalt, salt] = [random(8), random(8).toString('hex')];
  const nginxHash = createHash('sha1').update(password).update(nginxSalt).digest();
  const sent = Buffer.from(`${name}:${password}`).toString('base64').replace(/=+$/, '');
  const hash = createHash('sha256')
    .update(salt + sent)
    .digest('hex');
  const ssha = Buffer.concat([nginxHash, nginxSalt]).toString('base64');
  return `${name}:{SSHA}${ssha}:${salt}${hash}`;
}

/**
 * Reads a file of users.
 *
 * @param file how messages call it; they show nothing of its lines
 * @returns what the routing table has of them
 * @throws {UserError} if a line is not of `npm run users`, or there is none
 */
export function parseUsers(text: string, file: string): string {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trimEnd(), number: i + 1 }));
  const users = lines.filter(({ line }) => line !== '' && !line.startsWith('#'));
  const nameOf = (line: string) => line.replace(/:.*/, '');
  const names = users.map(({ line }) => nameOf(line));
  const problems = users.flatMap(({ line, number }, i): Problem[] => {
    const isFirst = names.indexOf(nameOf(line)) === i;
    if (LINE.test(line) && isFirst) return [];
    const message = isFirst
      ? 'is no user that npm run users made'
      : 'is another password of the same user, of which nginx would not know: remove one of the lines';
    return [{ level: 'error', file, line: number, message }];
  });
  if (problems.length > 0) throw new UserError(`${file} cannot be used`, problems);
  if (users.length === 0 || users.length > MOST_USERS) {
    throw new UserError(
      `${file} has ${users.length} users, and must have 1 to ${MOST_USERS}: add one with npm run users -- NAME`,
    );
  }
  return users.map(({ line }) => LINE.exec(line)?.[1]).join(' ');
}
