import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { digestOf } from '../../lib/digests.ts';
import { errorCode } from '../../lib/errors.ts';
import { AskError } from './ask-error.ts';

/** An answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded. */
  readonly body: Buffer;
  /** Why the body is not what its headers say, worded to follow the name of the request; empty where it is. */
  readonly miscoded: string;
  /** From the request to the end of the answer. */
  readonly ms: number;
}

/** A larger answer is refused, coded or decoded. The largest real lists have some ten million bytes. */
export const MOST_BYTES = 64 * 2 ** 20;

/** Reads the body of an answer. @throws {AskError} if it is too large; what Node reports where it is cut */
export async function readAnswer(message: IncomingMessage, startedAt: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) throw tooLarge();
    chunks.push(chunk as Buffer);
  }
  const { statusCode: status = 0, headers } = message;
  const raw = Buffer.concat(chunks);
  return { status, headers, ...decode(raw, headers), ms: performance.now() - startedAt };
}

/** The value of a header; empty if it was not sent. */
export function headerOf({ headers }: Pick<Answer, 'headers'>, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

/** The digest of a body. */
export const digestOfAnswer = ({ body }: Answer): string => digestOf(body);

function decode(body: Buffer, headers: IncomingHttpHeaders) {
  const coding = headers['content-encoding'] ?? '';
  if (coding === 'gzip') return gunzip(body);
  if (coding !== '' && coding !== 'identity') {
    return { body, miscoded: `is coded as ${coding}, which was not asked for` };
  }
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const miscoded = isGzip ? 'is compressed with gzip, and no Content-Encoding says so' : '';
  return { body, miscoded };
}

function gunzip(body: Buffer) {
  // HEAD and 304 name the coding that a body would have.
  if (body.length === 0) return { body, miscoded: '' };
  try {
    return { body: gunzipSync(body, { maxOutputLength: MOST_BYTES }), miscoded: '' };
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    return { body, miscoded: 'is not the gzip that its Content-Encoding announces' };
  }
}

function tooLarge(): AskError {
  return new AskError('too-large', `sends more than the ${MOST_BYTES} bytes allowed`);
}
