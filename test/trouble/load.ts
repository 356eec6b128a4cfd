import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type Random, seededRandom } from '../random.ts';
import { makeTrouble } from './trouble-makers.ts';

/** What the requests of a load may be answered: for each target, the body of each build. */
export type ExpectedBodies = ReadonlyMap<string, readonly string[]>;

export interface LoadOptions {
  readonly url: string;
  readonly expected: ExpectedBodies;
  /** The builds that may be served now, by their numbers; asked before and after each request. */
  readonly oldest: () => number;
  readonly newest: () => number;
  readonly seed: number;
}

/** What came of a load so far. */
export interface LoadResult {
  answers: number;
  troubles: number;
  /** How often a connection was closed in the moment in which a client reused it, so that the request was sent again. */
  repeats: number;
  /** What should not have been; a sentence each. */
  readonly wrong: string[];
}

/** Refusals that the load asks for, too; they are the same in every build. */
const REFUSED: readonly (readonly [string, number])[] = [
  ['/nowhere', 404],
  ['/api/v1/plugins?page=x', 400],
];

/** Clients that ask and clients that make trouble, until `stop` is called. */
export function startLoad(options: LoadOptions) {
  const result: LoadResult = { answers: 0, troubles: 0, repeats: 0, wrong: [] };
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const client = { url: options.url, agent, used: new WeakSet() };
  let isOn = true;
  const clients = Array.from({ length: 8 }, async (_, i) => {
    const random = seededRandom(options.seed + i);
    while (isOn) await askOne(client, options, random, result);
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
  return {
    result,
    stop: async () => {
      isOn = false;
      await Promise.all([...clients, ...troublemakers]);
      agent.destroy();
    },
  };
}

async function askOne(
  client: Client,
  { expected, oldest, newest }: LoadOptions,
  random: Random,
  result: LoadResult,
): Promise<void> {
  const isRefused = random.chance(0.1);
  const [target, status] = isRefused
    ? random.pick(REFUSED)
    : [random.pick([...expected.keys()]), 200];
  const method = random.chance(0.1) ? 'HEAD' : 'GET';
  const headers = random.chance(0.5) ? { 'accept-encoding': 'gzip' } : {};
  const from = oldest();
  let answer: Answer | undefined;
  try {
    answer = await send(client, { path: target, method, headers, agent: client.agent });
    if (answer === undefined) {
      result.repeats++;
      answer = await send(client, { path: target, method, headers, agent: false });
    }
  } catch (error) {
    result.wrong.push(`${method} ${target}: ${error}`);
    return;
  }
  if (answer === undefined) {
    result.wrong.push(`${method} ${target}: not even a connection of its own was answered`);
    return;
  }
  result.answers++;
  if (answer.status !== status) {
    result.wrong.push(`${method} ${target}: status ${answer.status}, not ${status}`);
    return;
  }
  if (isRefused || method === 'HEAD') return;
  const isGzip = answer.headers['content-encoding'] === 'gzip';
  const body = (isGzip ? gunzipSync(answer.body) : answer.body).toString();
  const bodies = expected.get(target) ?? [];
  const numbers = Array.from({ length: newest() - from + 1 }, (_, i) => (from + i) % bodies.length);
  if (numbers.some((number) => bodies[number] === body)) return;
  result.wrong.push(`${target}: the answer of build ${bodies.indexOf(body)}, not of ${numbers}`);
}

interface Client {
  readonly url: string;
  readonly agent: http.Agent;
  /** Connections that a request was sent on. */
  readonly used: WeakSet<object>;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Sends a request and reads its answer. Undefined where the server closed a connection that rested in the moment in which it
 * was used again: as every client of HTTP, this one has to send the request again then (RFC 9112, section 9.3.1).
 */
function send({ url, used }: Client, options: http.RequestOptions): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    let isReused = false;
    const request = http.request(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      buffer(response).then((body) => resolve({ status, headers, body }), reject);
    });
    // Not `reusedSocket`, which Node does not set where one request follows another at once.
    request.on('socket', (socket) => {
      isReused = used.has(socket);
      used.add(socket);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (isReused && isClosed) resolve(undefined);
      else reject(error);
    });
    request.end();
  });
}
