import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { config, createMessage, enums, type PrivateKey, sign } from 'openpgp';
import { UserError } from '../lib/errors.ts';
import { judgeSignatureFile } from '../mattermost/openpgp/signature.ts';

/**
 * A detached signature of a file, binary, as a `.sig` file has it and servers verify it.
 *
 * @param file its path, or its content
 * @throws {UserError} where the key does not sign, as when it has expired
 */
export async function signFile(
  file: string | Uint8Array,
  key: PrivateKey,
  now: Date,
): Promise<Uint8Array> {
  // What is no stream, the library signs by Node's own RSA, which takes a tenth of the time.
  const message = await createMessage({
    binary: typeof file === 'string' ? streamOf(file) : new Uint8Array(file),
  });
  const signature = await sign({
    message,
    signingKeys: key,
    detached: true,
    format: 'binary',
    date: now,
    config: SERVER_READABLE,
  }).catch((error: Error) => {
    throw new UserError(
      `the key does not sign: ${error.message.replace(/^Error signing message: /, '')}`,
    );
  });
  const bytes = signature instanceof Uint8Array ? signature : await readStream(signature);
  const finding = judgeSignatureFile(bytes);
  if (finding !== null)
    throw new UserError(`the signature would be of no use: it ${finding.message}`);
  return bytes;
}

async function readStream(stream: globalThis.ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
  }
  return Buffer.concat(chunks);
}

/** A file, by its path, or a content, as the library takes it. The web stream of Node and that of its types differ in name only. */
export function streamOf(file: string | Uint8Array): globalThis.ReadableStream<Uint8Array> {
  const stream =
    typeof file === 'string'
      ? Readable.toWeb(createReadStream(file))
      : new Blob([new Uint8Array(file)]).stream();
  return stream as globalThis.ReadableStream<Uint8Array>;
}

/** SHA-512 unless the key prefers another, and DSA, which the library does not like and servers take. */
const SERVER_READABLE = {
  preferredHashAlgorithm: enums.hash.sha512,
  nonDeterministicSignaturesViaNotation: false,
  rejectPublicKeyAlgorithms: new Set(
    [...config.rejectPublicKeyAlgorithms].filter((algorithm) => algorithm !== enums.publicKey.dsa),
  ),
};
