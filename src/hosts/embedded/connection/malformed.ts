import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { errorReply } from '../reply/exchange.ts';
import type { Connections } from './connections.ts';
import { percentEncodeByte } from './to-request-target.ts';

/** Why Node's parser cannot read a request. */
interface ParserError extends NodeJS.ErrnoException {
  /** The last chunk read, and how much of it precedes the fault. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/** Keyed by the code of the parser's error; any other error is 400. */
const REFUSALS: Readonly<Record<string, readonly [status: number, reason: string, hint: string]>> =
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

/** A connection that was answered without a request. */
interface Refused {
  /** The address of the client. */
  readonly address: string | undefined;
  readonly status: number;
  readonly bodyBytes: number;
}

/** Answers what is not HTTP, or comes too slowly, with an error in JSON, and closes the connection. */
export function refuseMalformed(
  server: Server,
  connections: Connections,
  onRefused: (refused: Refused) => void,
): void {
  server.on('clientError', (error: ParserError, socket: Socket) => {
    // Node also takes what was refused, or is replayed, for a request that is still to come.
    const isLate =
      error.code === 'ERR_HTTP_REQUEST_TIMEOUT' &&
      socket.bytesWritten > 0 &&
      !connections.isEnding(socket);
    // Half a request or the rest of an unread body may follow an answered request; the client would take another answer
    // for that to its next request.
    if (!socket.writable || error.code === 'ECONNRESET' || isLate) {
      socket.destroy();
      return;
    }
    if (reread(server, connections, socket, error)) return;
    const [status, reason, hint] = REFUSALS[error.code ?? ''] ?? [
      400,
      'Bad Request',
      'This is not a valid HTTP request.',
    ];
    const { headers, body } = errorReply(status, hint);
    const lines = [`HTTP/1.1 ${status} ${reason}`];
    for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
    lines.push('Connection: close', '', body.toString());
    const address = socket.remoteAddress;
    if (connections.refuse(socket, lines.join('\r\n'))) {
      onRefused({ address, status, bodyBytes: body.length });
    }
  });
}

/**
 * Reads a request again, percent-encoded as browsers send it, if it was refused for bytes beyond ASCII in its address,
 * which Node's parser does not accept. Its answer is the last of the connection.
 *
 * @returns false if there is another fault, or the request came in pieces
 */
function reread(
  server: Server,
  connections: Connections,
  socket: Socket,
  error: ParserError,
): boolean {
  const bytes = error.code === 'HPE_INVALID_URL' && encodeAddress(error);
  if (!bytes) return false;
  const replay = new Replay(socket, bytes);
  if (!connections.handOver(socket, replay)) return false;
  server.emit('connection', replay);
  return true;
}

/** The head of the request at fault, asking to close; undefined where its address has no bytes beyond ASCII. */
function encodeAddress({ rawPacket, bytesParsed = 0 }: ParserError): string | undefined {
  const text = rawPacket?.toString('latin1') ?? '';
  const start = text.lastIndexOf('\n', bytesParsed - 1) + 1;
  const [, line, headers] = /^([^\n]*\n)(.*?\n\r?\n)/s.exec(text.slice(start)) ?? [];
  if (line === undefined || !/[\x80-\xff]/.test(line)) return undefined;
  return `${line.replace(/[\x80-\xff]/g, percentEncodeByte)}Connection: close\r\n${headers}`;
}

/** A connection with one request on it. What is written to it goes to the socket. */
class Replay extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket, request: string) {
    super();
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress;
    socket.once('close', () => this.destroy());
    this.push(request, 'latin1');
  }

  /** Like the method of a socket; http calls it after the last answer. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  /** Like the method of a socket. */
  setTimeout(ms: number): void {
    this.#socket.setTimeout(ms);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, (error) => {
      // Before http takes what was written for sent.
      if (error) this.destroy();
      done(error);
    });
  }
}
