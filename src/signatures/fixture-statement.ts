import { makeSigningKey, type SigningKey } from '../../test/samples/signing-keys.ts';
import { digestOf } from '../lib/digests.ts';
import { readServerKeys } from '../mattermost/openpgp/key.ts';
import type { VerificationKey } from './read-keys.ts';
import { readSigningKey } from './signing-key.ts';
import { type Statement, signStatement } from './statement.ts';

export const DAY_MS = 86_400_000;
export const NOW = new Date('2026-05-17T12:00:00Z');

/** A time so many days from now. */
export const inDays = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

const createdAt = inDays(-100);

/** The key of the publisher, one of somebody else, and one of the publisher that has expired. */
export const PUBLISHER = await makeSigningKey({ createdAt });
export const STRANGER = await makeSigningKey({ createdAt });
export const EXPIRED = await makeSigningKey({ createdAt, validSeconds: 90 * 24 * 60 * 60 });

/** A key as a flag names it. */
export const pinned = ({ publicKey }: Pick<SigningKey, 'publicKey'>): VerificationKey[] =>
  readServerKeys(Buffer.from(publicKey)).map((key) => ({ key, file: 'publisher.asc' }));

/** A statement about a catalog. */
export const statementOf = (catalog: string, more: Partial<Statement> = {}): Statement => ({
  format: 1,
  site: 'https://marketplace.example.com',
  snapshot: digestOf(catalog).slice(0, 16),
  manifest: digestOf(`the manifest with ${catalog}`),
  catalog: digestOf(catalog),
  counter: 5,
  signedAt: inDays(-1).toISOString(),
  expires: inDays(29).toISOString(),
  ...more,
});

/** The text of a `signed.json`. */
export async function signText(
  statement: Statement,
  key: SigningKey = PUBLISHER,
  at = inDays(-50),
): Promise<string> {
  const options = { name: 'key.asc', passphrase: async () => null };
  const privateKey = await readSigningKey(Buffer.from(key.privateKey), options);
  return await signStatement(statement, privateKey, at);
}
