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
export const MOST_BYTES = 32 * 2 ** 20;

/** The same for a whole catalog. */
export const MOST_CATALOG_BYTES = 64 * 2 ** 20;

/** Reads the body of an answer. @throws {AskError} if it is too large; what Node reports where it is cut */
export async function readAnswer(
  message: IncomingMessage,
  startedAt: number,
  mostBytes: number,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk as Buffer);
  }
  const { statusCode: status = 0, headers } = message;
  const raw = Buffer.concat(chunks);
  const decoded = decode(raw, headers, mostBytes);
  return { status, headers, ...decoded, ms: performance.now() - startedAt };
}

/** JSON of more values would fill the memory when it is parsed, however few bytes it has. */
export const MOST_VALUES = 500_000;

/** Parses JSON of an answer. @returns undefined if it is none, or has too many values */
export function parseBody(body: Buffer): unknown {
  if (countValues(body) > MOST_VALUES) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** How many values JSON has at most, judged by its brackets and commas. */
export function countValues(json: Uint8Array): number {
  let values = 1;
  for (const byte of json) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values++;
  return values;
}

/** The value of a header; empty if it was not sent. */
export function headerOf({ headers }: Pick<Answer, 'headers'>, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

/** The digest of a body. */
export const digestOfAnswer = ({ body }: Answer): string => digestOf(body);

function decode(body: Buffer, headers: IncomingHttpHeaders, mostBytes: number) {
  const coding = headers['content-encoding'] ?? '';
  if (coding === 'gzip') return gunzip(body, mostBytes);
  if (coding !== '' && coding !== 'identity') {
    return { body, miscoded: `is coded as ${coding}, which was not asked for` };
  }
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const miscoded = isGzip ? 'is compressed with gzip, and no Content-Encoding says so' : '';
  return { body, miscoded };
}

function gunzip(body: Buffer, mostBytes: number) {
  // HEAD and 304 name the coding that a body would have.
  if (body.length === 0) return { body, miscoded: '' };
  try {
    return { body: gunzipSync(body, { maxOutputLength: mostBytes }), miscoded: '' };
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(mostBytes);
    return { body, miscoded: 'is not the gzip that its Content-Encoding announces' };
  }
}

function tooLarge(mostBytes: number): AskError {
  return new AskError('too-large', `sends more than the ${mostBytes} bytes allowed`);
}
