import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { countValues } from './answer.ts';

/**
 * An answer as `fetch` gives it, with its gzip undone.
 *
 * @param isJson whether it is parsed as a whole, so that its values are counted
 */
export function toResponse(message: IncomingMessage, isJson: boolean): Response {
  const { statusCode: status = 200, statusMessage: statusText = '', headers } = message;
  const hasBody = ![204, 205, 304].includes(status);
  if (!hasBody) message.destroy();
  const isGzip = headers['content-encoding'] === 'gzip';
  const decoded = isGzip ? message.pipe(createGunzip()) : message;
  if (isGzip) message.on('error', (error) => decoded.destroy(error));
  const guarded = isJson ? Readable.from(withFewValues(decoded)) : decoded;
  const body = hasBody ? (Readable.toWeb(guarded) as ReadableStream<Uint8Array>) : null;
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return new Response(body, { status, statusText: safeText(statusText), headers: pairs });
}

/** A catalog of more values would fill the memory when it is parsed. */
const MOST_CATALOG_VALUES = 3_000_000;

async function* withFewValues(stream: AsyncIterable<Buffer>) {
  let values = 0;
  for await (const chunk of stream) {
    values += countValues(chunk);
    if (values > MOST_CATALOG_VALUES) {
      throw new Error(`it has more than ${MOST_CATALOG_VALUES} values`);
    }
    yield chunk;
  }
}

/** A status line may hold what `Response` refuses. */
function safeText(text: string): string {
  return text.replace(/[^\t\x20-\x7e]/g, '');
}
