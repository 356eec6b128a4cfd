import type { PrivateKey } from 'openpgp';
import { z } from 'zod';
import { type Problem, UserError } from '../lib/errors.ts';
import { type ParsedJson, parseJsonAs } from '../lib/json/parse-json.ts';
import type { VerificationKey } from './read-keys.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex');
const dateTime = z.iso.datetime('is not a date and time in UTC');

const statement = z.strictObject({
  format: z.literal(1),
  /** The address of the marketplace, as those who pin a key name it. */
  site: z.string().refine((url) => URL.canParse(url), 'is not a web address'),
  /** The id of the snapshot. */
  snapshot: z.string().regex(/^[0-9a-f]{16}$/, 'is not the id of a snapshot'),
  /** The digest of `snapshot.json`, which lists every file with its digest. */
  manifest: sha256,
  /** The digest of `/catalog.json`. */
  catalog: sha256,
  /** Higher in every later statement about the marketplace. */
  counter: z.int().min(1),
  signedAt: dateTime,
  /** From then on it is not to be trusted. */
  expires: dateTime,
});

/** What a publisher signs: which snapshot a marketplace has, since when, and for how long that may be believed. */
export type Statement = Readonly<z.infer<typeof statement>>;

/** `/signed.json`: the text of a statement and its detached signature in Base64, as entries of the catalog have theirs. */
const envelope = z.union([
  z.strictObject({ signed: z.string(), signature: z.string().min(1, 'is empty') }),
  z.strictObject({ signed: z.null() }),
]);

/** A statement whose signature holds. */
export interface TrustedStatement extends Statement {
  /** The fingerprint of the key that signed it. */
  readonly key: string;
}

export interface CheckStatementOptions {
  /** The keys of the publisher. */
  readonly keys: readonly VerificationKey[];
  readonly now: Date;
  /** The flag that names them, for messages. */
  readonly flag: '--upstream-key' | '--snapshot-key';
  /** The address that is asked; absent: it may be about any. */
  readonly site?: string;
  /** Whether one that has expired still counts, as when only its counter matters. */
  readonly mayBeExpired?: boolean;
}

/** The text of `signed.json` with a statement. */
export async function signStatement(
  content: Statement,
  key: PrivateKey,
  now: Date,
): Promise<string> {
  const signed = `${JSON.stringify(content, null, 1)}\n`;
  const { signFile } = await import('./sign-file.ts');
  const signature = await signFile(Buffer.from(signed), key, now);
  return `${JSON.stringify({ signed, signature: Buffer.from(signature).toString('base64') })}\n`;
}

/** The statement in the text of a `signed.json`, whoever signed it; null where there is none. */
export function readStatement(text: string): Statement | null {
  const read = parseEnvelope(text, '');
  return 'value' in read && 'statement' in read.value ? read.value.statement : null;
}

/**
 * The statement in the text of a `signed.json`, which one of the keys must have signed.
 *
 * @param label how messages name the file
 * @throws {UserError} with one problem, if it is not to be trusted
 */
export async function checkStatement(
  text: string,
  label: string,
  { keys, now, flag, site, mayBeExpired = false }: CheckStatementOptions,
): Promise<TrustedStatement> {
  const fail = (message: string, remedy: string) => distrusted({ file: label, message, remedy });
  const read = parseEnvelope(text, label);
  if ('problems' in read) throw distrusted(...read.problems);
  if (!('statement' in read.value)) {
    throw fail('says that the marketplace is not signed', `${SIGN_IT}, or leave ${flag} out`);
  }
  const { signed, signature, statement } = read.value;
  // The library is large, and loaded only where a key is pinned.
  const { checkSignature } = await import('./check-signature.ts');
  const checked = await checkSignature(Buffer.from(signed), signature, keys, now);
  const failure = checked.failure ?? checked.expired?.[0];
  if (failure !== undefined) {
    throw fail(
      failure,
      `use nothing from there before you know why; a new key of the publisher comes by another way, and is named with ${flag}`,
    );
  }
  if (site !== undefined && siteOf(statement.site) !== siteOf(site)) {
    throw fail(
      `is about ${siteOf(statement.site)}, not about ${siteOf(site)}`,
      'name the marketplace by the address that its publisher signs, or have it signed with this one as --site-url',
    );
  }
  if (!mayBeExpired && Date.parse(statement.expires) <= now.getTime()) {
    throw fail(
      `expired on ${statement.expires}: something hands out an old state, or nobody has signed it since`,
      `find out which; then ${SIGN_IT}`,
    );
  }
  return { ...statement, key: checked.signer?.key.fingerprint ?? '' };
}

const SIGN_IT = 'have it signed by its publisher, with npm run catalog -- sign BUILD, and deployed';

/** An error about a statement, or what it is about. */
export function distrusted(
  ...problems: readonly Pick<Problem, 'file' | 'message' | 'remedy'>[]
): UserError {
  return new UserError(
    'the marketplace is not known to be what its publisher signed',
    problems.map((problem) => ({ level: 'error', ...problem })),
  );
}

interface Signed {
  readonly signed: string;
  readonly signature: string;
  readonly statement: Statement;
}

function parseEnvelope(text: string, label: string): ParsedJson<Signed | { signed: null }> {
  const outer = parseJsonAs(envelope, text, label);
  if ('problems' in outer) return outer;
  if (outer.value.signed === null) return { value: { signed: null } };
  const inner = parseJsonAs(statement, outer.value.signed, label);
  if ('problems' in inner) return inner;
  return { value: { ...outer.value, statement: inner.value } };
}

/** An address without a user, and without slashes at its end. */
export function siteOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}
