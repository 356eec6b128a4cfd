import { connect, type Socket } from 'node:net';

/** A request and what its answer has to be. */
export interface ExpectedExchange {
  /** The request as sent, without a body. */
  readonly request: Buffer;
  /** `Content-Length` of the answer. */
  readonly bodyBytes: number;
}

/** What went over a connection. */
export interface ConnectionResult {
  /** Of each request, from sending it to the last byte of its answer. */
  readonly latenciesMs: number[];
  readonly bytes: number;
}

/**
 * Sends requests on one connection, each when the last one is answered, as `next` gives them until it gives none. Reads as
 * little of an answer as is needed to know that it is right, so that the server is what is measured.
 *
 * @throws {Error} where an answer is not 200 of the size expected, or the connection ends
 */
export function exchangeAll(
  host: string,
  port: number,
  next: () => ExpectedExchange | undefined,
): Promise<ConnectionResult> {
  return new Promise((resolve, reject) => {
    const latenciesMs: number[] = [];
    let bytes = 0;
    let head = '';
    /** Of the answer, once its head is there. */
    let bytesLeft = 0;
    let sentMs = 0;
    let current = next();
    const socket: Socket = connect(port, host, send);
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      let bodyBytes = chunk.length;
      if (bytesLeft === 0) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        bodyBytes = head.length - end - 4;
        bytesLeft = current?.bodyBytes ?? 0;
        if (!isExpected(head.slice(0, end), bytesLeft)) fail(head.slice(0, end));
        head = '';
      }
      bytesLeft -= bodyBytes;
      if (bytesLeft > 0) return;
      latenciesMs.push(performance.now() - sentMs);
      current = next();
      send();
    });

    function send() {
      if (current === undefined) {
        resolve({ latenciesMs, bytes });
        socket.destroy();
        return;
      }
      sentMs = performance.now();
      socket.write(current.request);
    }

    function fail(answer: string) {
      reject(new Error(`${current?.request.toString('latin1')}is answered\n${answer}`));
      socket.destroy();
    }
  });
}

function isExpected(head: string, bodyBytes: number): boolean {
  return (
    head.startsWith('HTTP/1.1 200 ') &&
    /\r\ncontent-length: *(\d+)/i.exec(head)?.[1] === String(bodyBytes)
  );
}
