import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.ts';

const HOST = 'Host: localhost\r\n';

/** What no server should be sent. All of it is refused with 4xx, or leads to an answer, or to nothing. */
const JUNK: readonly ((random: Random) => string)[] = [
  () => 'hello\r\n\r\n',
  () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  () => `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET / HTTP/1.1\r\nHost localhost\r\n\r\n`,
  () => `get / HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET /${'x'.repeat(8192)} HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET /api/v1/plugins?filter=${'%41'.repeat(2700)} HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET /api/v1/plugins?page=${'9'.repeat(8000)} HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET /api/v1/plugins?plugin_id=%zz&filter=%&page=%e2%82 HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET /%zz/%00/..%2f HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET /${'x'.repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n`,
  () => `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(40_000)}\r\n\r\n`,
  () => `POST /api/v1/plugins HTTP/1.1\r\n${HOST}Content-Length: 1000000\r\n\r\nx`,
  () => `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  (random) =>
    Array.from({ length: 200 + random.below(2000) }, () =>
      String.fromCharCode(random.below(256)),
    ).join(''),
];

/** A whole request whose answer nobody will read to its end. */
const REQUEST = `GET /api/v1/plugins HTTP/1.1\r\n${HOST}\r\n`;

/** One connection of a client that means no good, or has a bad line. Resolves with what it was sent. */
export async function makeTrouble(url: string, random: Random): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const kind = random.below(4);
  if (kind === 0) {
    // Half a request, and gone.
    socket.write(REQUEST.slice(0, 1 + random.below(REQUEST.length - 1)), 'latin1');
    await Promise.race([closed, sleep(random.below(50))]);
  } else if (kind === 1) {
    // Gone in the middle of the answer.
    socket.write(REQUEST);
    await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
  } else if (kind === 2) {
    // A byte at a time.
    for (let i = 0; i < 20 && socket.writable; i++) {
      socket.write(REQUEST.charAt(i));
      await sleep(5);
    }
  } else {
    socket.write(random.pick(JUNK)(random), 'latin1');
    await Promise.race([closed, sleep(100)]);
  }
  socket.destroy();
  await closed;
  return received;
}
