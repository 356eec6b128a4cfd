import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { errorReply } from '../reply/reply.ts';
import { type ParserError, reread } from '../site/reread.ts';
import type { Connections } from './connections.ts';

/** By the code of Node's parser error; whatever else cannot be read is 400. */
const refusals: Readonly<Record<string, readonly [status: number, reason: string, hint: string]>> =
  {
    HPE_HEADER_OVERFLOW: [
      431,
      'Request Header Fields Too Large',
      'The address and headers of this request are too long.',
    ],
    ERR_HTTP_REQUEST_TIMEOUT: [
      408,
      'Request Timeout',
      'The request did not arrive in time. Send it again.',
    ],
  };

/**
 * Answers what is not HTTP, or comes too slowly, with an error in JSON, and closes the connection.
 * `onRefused` is told the client's address, the status and the bytes of the body.
 */
export function refuseMalformed(
  server: Server,
  connections: Connections,
  onRefused: (address: string, status: number, bodyBytes: number) => void,
): void {
  server.on('clientError', (error: ParserError, socket: Socket) => {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesWritten > 0;
    // A client that was answered before and now sends half a request, or the rest of a body that
    // nobody reads, would take an unasked answer for that of its next request.
    if (!socket.writable || error.code === 'ECONNRESET' || isLate) {
      socket.destroy();
      return;
    }
    if (reread(server, connections, socket, error)) return;
    const [status, reason, hint] = refusals[error.code ?? ''] ?? [
      400,
      'Bad Request',
      'This is not a valid HTTP request.',
    ];
    const { headers, body } = errorReply(status, hint);
    const lines = [`HTTP/1.1 ${status} ${reason}`];
    for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
    lines.push(`Content-Length: ${body.length}`, 'Connection: close', '', body.toString());
    const address = socket.remoteAddress ?? '-';
    if (connections.refuse(socket, lines.join('\r\n'))) onRefused(address, status, body.length);
  });
}
