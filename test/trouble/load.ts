import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { openRaw, type RawResponse } from '../../src/hosts/embedded/fixture-client.ts';
import { type Random, seededRandom } from '../random.ts';

export interface LoadOptions {
  readonly url: string;
  /** What the requests may be answered: for each target, the body of each build. */
  readonly expected: ReadonlyMap<string, readonly string[]>;
  /** The builds that may be served now, by their numbers; asked before and after each request. */
  readonly oldest: () => number;
  readonly newest: () => number;
  readonly seed: number;
  /** Whether the server may drop a new connection while it reloads: then the request is sent again, too. */
  readonly closesNew?: boolean;
}

/** Refusals that the load asks for, too; they are the same in every build. */
const REFUSED: readonly (readonly [string, number])[] = [
  ['/nowhere', 404],
  ['/api/v1/plugins?page=x', 400],
];

/** How long a client waits for an answer: far longer than any takes. */
const LIMIT_MS = 20_000;

/** Clients that ask and clients that make trouble, until `stop` is called. */
export function startLoad(options: LoadOptions) {
  const result = {
    answers: 0,
    troubles: 0,
    /** How often a connection was closed in the moment in which a client reused it, so that the request was sent again. */
    repeats: 0,
    /** What should not have been; a sentence each. */
    wrong: [] as string[],
  };
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const { url, closesNew = false } = options;
  const client = { url, closesNew, agent, used: new WeakSet() };
  let isOn = true;
  const clients = Array.from({ length: 8 }, async (_, i) => {
    const random = seededRandom(options.seed + i);
    while (isOn) {
      const onRepeat = () => result.repeats++;
      const problem = await askOne(client, options, random, onRepeat).catch(String);
      if (problem === undefined) result.answers++;
      else result.wrong.push(problem);
    }
  });
  const troublemakers = Array.from({ length: 4 }, async (_, i) => {
    const random = seededRandom(options.seed + 100 + i);
    while (isOn) {
      const received = await makeTrouble(options.url, random);
      result.troubles++;
      const [status] = /HTTP\/1\.1 5\d\d.*/.exec(received) ?? [];
      if (status !== undefined) result.wrong.push(`junk was answered ${status}`);
    }
  });
  const stop = async () => {
    isOn = false;
    await Promise.all([...clients, ...troublemakers]);
    agent.destroy();
  };
  return { result, stop };
}

/** What is wrong with an answer, in words. */
async function askOne(
  client: Client,
  { expected, oldest, newest }: LoadOptions,
  random: Random,
  onRepeat: () => void,
): Promise<string | undefined> {
  const isRefused = random.chance(0.1);
  const [target, status] = isRefused
    ? random.pick(REFUSED)
    : [random.pick([...expected.keys()]), 200];
  const method = random.chance(0.1) ? 'HEAD' : 'GET';
  const headers = random.chance(0.5) ? { 'accept-encoding': 'gzip' } : {};
  const from = oldest();
  const options = { path: target, method, headers };
  let answer = await send(client, { ...options, agent: client.agent });
  if (answer === undefined) {
    onRepeat();
    answer = await send(client, { ...options, agent: false });
  }
  if (answer?.status !== status) return `${method} ${target}: ${answer?.status}, not ${status}`;
  if (isRefused || method === 'HEAD') return undefined;
  const isGzip = answer.headers['content-encoding'] === 'gzip';
  const body = (isGzip ? gunzipSync(answer.body) : answer.body).toString();
  const bodies = expected.get(target) ?? [];
  const numbers = Array.from({ length: newest() - from + 1 }, (_, i) => (from + i) % bodies.length);
  if (numbers.some((number) => bodies[number] === body)) return undefined;
  return `${target}: the answer of build ${bodies.indexOf(body)}, not of ${numbers}`;
}

interface Client {
  readonly url: string;
  readonly closesNew: boolean;
  readonly agent: http.Agent;
  /** Connections that a request was sent on. */
  readonly used: WeakSet<object>;
}

/**
 * Sends a request and reads its answer. Undefined where the server closed an idle connection in the moment in which it was used
 * again: as every client of HTTP, this one has to send the request again then (RFC 9112, section 9.3.1).
 */
function send({ url, closesNew, used }: Client, options: http.RequestOptions) {
  return new Promise<RawResponse | undefined>((resolve, reject) => {
    let isReused = closesNew;
    const request = http.request(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      buffer(response).then((body) => resolve({ status, headers, body }), reject);
    });
    // Not `reusedSocket`, which Node does not set where one request follows another at once.
    request.on('socket', (socket) => {
      isReused = closesNew || used.has(socket);
      used.add(socket);
    });
    request.setTimeout(LIMIT_MS, () => {
      request.destroy(
        Object.assign(new Error(`no answer in ${LIMIT_MS} ms`), { code: 'ETIMEDOUT' }),
      );
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      const isDropped = closesNew && error.code === 'ETIMEDOUT';
      if ((isReused && isClosed) || isDropped) resolve(undefined);
      else reject(new Error(`${options.method} ${options.path}: ${error}`));
    });
    request.end();
  });
}

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
  (random) => {
    const bytes = Array.from({ length: 200 + random.below(2000) }, () => random.below(256));
    return String.fromCharCode(...bytes);
  },
];

/** A whole request whose answer nobody will read to its end. */
const REQUEST = `GET /api/v1/plugins HTTP/1.1\r\n${HOST}\r\n`;

/** One connection of a client that means no good, or has a bad line. Resolves with what it was sent. */
async function makeTrouble(url: string, random: Random): Promise<string> {
  const { socket, closed } = await openRaw(url);
  const kind = random.below(4);
  if (kind === 0) {
    // Half a request, and gone.
    socket.write(REQUEST.slice(0, 1 + random.below(REQUEST.length - 1)), 'latin1');
    await Promise.race([closed, sleep(random.below(50))]);
  } else if (kind === 1) {
    // Gone in the middle of the answer.
    socket.write(REQUEST);
    const isAnswered = new Promise((resolve) => socket.once('data', resolve));
    await Promise.race([isAnswered, closed, sleep(LIMIT_MS)]);
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
  return await closed;
}
