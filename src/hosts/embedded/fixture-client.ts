import http from 'node:http';
import https from 'node:https';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A response as it came, not decoded. */
export interface RawResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends one request and reads its whole answer. */
export function send(
  url: string,
  options: https.RequestOptions = {},
  body?: string,
): Promise<RawResponse> {
  const { request: start } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const request = start(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      buffer(response).then((content) => resolve({ status, headers, body: content }), reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A connection to a server, with everything it received so far. */
export interface RawConnection {
  readonly socket: Socket;
  received(): string;
  /** Resolves with all that was received when the server closed the connection. */
  readonly closed: Promise<string>;
  /** Resolves as soon as `pattern` was received; rejects when the connection closes before. */
  waitFor(pattern: RegExp): Promise<string>;
}

/** Opens a connection that speaks bytes; text is Latin-1. */
export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {}); // 'close' follows
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  const waitFor = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(text)) return;
        socket.off('data', look);
        resolve(text);
      };
      socket.on('data', look);
      socket.once('close', () => reject(new Error(`closed before ${pattern}, after: ${text}`)));
      look();
    });
  return { socket, received: () => text, closed, waitFor };
}

/** Sends bytes and returns all the server sent until it closed the connection. */
export async function exchangeRaw(url: string, bytes: string): Promise<string> {
  const connection = await openRaw(url);
  connection.socket.write(bytes, 'latin1');
  return await connection.closed;
}
