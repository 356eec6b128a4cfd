import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Connections } from '../connection/connections.ts';
import { percentEncodeByte } from '../connection/to-request-target.ts';

/** What Node says of a request that its parser cannot read. */
export interface ParserError extends NodeJS.ErrnoException {
  /** What was read last, and how much of it before the fault. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/**
 * Reads a request once more where it was refused for bytes beyond ASCII in its address, which Node's parser does not take:
 * percent-encoded, as browsers send them. Its answer is the last of the connection.
 *
 * @returns whether it is read; not where there is another fault, or the request came in pieces
 */
export function reread(
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

/** The head of the request at fault, which asks to close; undefined where its address is not what is to be mended. */
function encodeAddress({ rawPacket, bytesParsed = 0 }: ParserError): string | undefined {
  const text = rawPacket?.toString('latin1') ?? '';
  const start = text.lastIndexOf('\n', bytesParsed - 1) + 1;
  const [, line, headers] = /^([^\n]*\n)(.*?\n\r?\n)/s.exec(text.slice(start)) ?? [];
  if (line === undefined || !/[\x80-\xff]/.test(line)) return undefined;
  return `${line.replace(/[\x80-\xff]/g, percentEncodeByte)}Connection: close\r\n${headers}`;
}

/** A connection on which one request came. What is written to it goes to the socket. */
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

  /** As that of a socket, which http calls after the last answer. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }
}
