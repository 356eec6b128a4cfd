import { config, createMessage, enums, readKeys, readSignature, Subkey } from 'openpgp';
import {
  decodeSignature,
  type FileSignature,
  judgeSignature,
  readSignatures,
} from '../mattermost/openpgp/signature.ts';
import type { VerificationKey } from './read-keys.ts';
import { streamOf } from './sign-file.ts';

/** The result of checking a signature; each text is worded to follow the name of the file. */
export interface CheckedSignature {
  /** Why a server would refuse it; null where it would not. */
  readonly failure: string | null;
  /** What servers accept, but people should know. */
  readonly notes: readonly string[];
  /** The key that made it, where there is no failure. */
  readonly signer?: VerificationKey;
  /** What of it has expired by now, which servers accept. */
  readonly expired?: readonly string[];
}

/**
 * Whether a server that has the keys would take a file as signed: a detached signature in Base64 as the catalog has it.
 * A server does not ask whether a key or a signature has expired, and so that is a note.
 *
 * @param file its path, or its content
 */
export async function checkSignature(
  file: string | Uint8Array,
  base64: string,
  keys: readonly VerificationKey[],
  now: Date,
): Promise<CheckedSignature> {
  const finding = judgeSignature(base64);
  if (finding !== null)
    return failed(base64 === '' ? UNSIGNED : `has a signature that ${finding.message}`);
  const signatures: FileSignature[] = [];
  for (const signature of readSignatures(decodeSignature(base64) as Uint8Array)) {
    if ('issuer' in signature) signatures.push(signature);
  }
  // Tries each key by itself, as a server does; the first signature by it counts.
  const reasons: string[] = [];
  for (const used of keys) {
    const signature = signatures.find(({ issuer }) => used.key.signerIds.includes(issuer));
    if (signature === undefined) continue;
    const mismatch = await findMismatch(file, signature, used);
    if (mismatch === null) {
      const expired = findExpiry(signature, used, now);
      const notes = expired.map((each) => `${each}: servers accept it`);
      return { failure: null, notes, signer: used, expired };
    }
    reasons.push(mismatch);
  }
  return failed(reasons[0] ?? explainUnknown(signatures, keys));
}

const UNSIGNED = 'has no signature, and no server installs a plugin without one';

function failed(failure: string): CheckedSignature {
  return { failure, notes: [] };
}

async function findMismatch(
  file: string | Uint8Array,
  { packet, issuer, type, createdSeconds }: FileSignature,
  { key }: VerificationKey,
): Promise<string | null> {
  try {
    const [[entity], { packets }, message] = await Promise.all([
      readKeys({ binaryKeys: key.bytes }),
      readSignature({ binarySignature: packet }),
      createMessage({ binary: streamOf(file) }),
    ]);
    const signer = entity?.getKeys().find((one) => one.getKeyID().toHex().toUpperCase() === issuer);
    const [signature] = packets;
    if (!signer || !signature) throw new Error('it cannot be read');
    // Anyone can put a subkey behind the key of another. Servers do not ask when it was signed, and null stands for that.
    if (signer instanceof Subkey) {
      await signer.verify(null as unknown as Date, LENIENT).catch(() => {
        throw new Error(`its subkey ${issuer} is not one that the key ${key.id} has signed`);
      });
    }
    // Checks the packet alone, as of its creation time: a server ignores expiry and the age of the hash.
    const made = new Date(createdSeconds * 1000);
    const text = type === enums.signature.text ? enums.signature.text : enums.signature.binary;
    const verifying = signature.verify(
      signer.keyPacket,
      text,
      message.packets[0] as object,
      made,
      true,
      LENIENT,
    );
    // The signature is known when all of the data has gone by.
    await Promise.all([verifying, drain(message.getLiteralData())]);
    return null;
  } catch (error) {
    return explainMismatch(error);
  }
}

async function drain(data: globalThis.ReadableStream<Uint8Array> | null) {
  const reader = data?.getReader();
  while (reader && !(await reader.read()).done);
}

const LENIENT = {
  ...config,
  rejectHashAlgorithms: new Set<enums.hash>(),
  rejectMessageHashAlgorithms: new Set<enums.hash>(),
};

function explainMismatch(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/digest did not match/i.test(message))
    return 'is not what was signed: its signature is of other contents';
  return `has a signature that does not hold: ${message}`;
}

function explainUnknown(
  signatures: readonly FileSignature[],
  keys: readonly VerificationKey[],
): string {
  const ids = signatures.map(({ issuer }) => issuer);
  const used = keys.find(({ key }) => key.ids.some((id) => ids.includes(id)));
  return used === undefined
    ? `is signed with the key ${ids.join(', ')}, which is not one of the given keys`
    : `is signed with ${nameKey(used)}, which ${used.key.refusal ?? 'is not for signing'}`;
}

function findExpiry(signature: FileSignature, used: VerificationKey, now: Date): string[] {
  const { expiresAt, subkeysExpireAt } = used.key;
  const { expiresSeconds, issuer } = signature;
  const ends = expiresSeconds === null ? null : new Date(expiresSeconds * 1000);
  const subkeyEnds = subkeysExpireAt.get(issuer);
  return [
    ...(expiresAt !== null && expiresAt <= now
      ? [`is signed with ${nameKey(used)}, which expired on ${dayOf(expiresAt)}`]
      : []),
    ...(subkeyEnds !== undefined && subkeyEnds <= now
      ? [
          `is signed with the subkey ${issuer} of ${nameKey(used)}, which expired on ${dayOf(subkeyEnds)}`,
        ]
      : []),
    ...(ends !== null && ends <= now ? [`has a signature that expired on ${dayOf(ends)}`] : []),
  ];
}

function nameKey({ key, file }: VerificationKey) {
  return `the key ${key.id} (${file})`;
}

function dayOf(date: Date) {
  return date.toISOString().slice(0, 10);
}
