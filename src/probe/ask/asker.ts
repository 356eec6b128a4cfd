import type { IncomingMessage } from 'node:http';
import pLimit from 'p-limit';
import type { Web } from '../../lib/http/web.ts';
import type { Findings } from '../findings.ts';
import { type Answer, MOST_BYTES, readAnswer } from './answer.ts';
import { AskError, toAskError } from './ask-error.ts';
import { type ConnectionOptions, type Connections, openConnections } from './connections.ts';
import { openAnswer } from './open-answer.ts';
import { toResponse } from './to-response.ts';

/** What a probe may spend, over all its askers. */
export class Budget {
  readonly mostRequests: number;
  /** Ends the probe. */
  readonly deadline: AbortSignal;
  requests = 0;
  /** Requests that were not sent any more. */
  unasked = 0;

  constructor(mostRequests: number, deadline: AbortSignal) {
    this.mostRequests = mostRequests;
    this.deadline = deadline;
  }

  /** Whether one more request may be sent. */
  take(): boolean {
    if (this.requests >= this.mostRequests || this.deadline.aborted) {
      this.unasked++;
      return false;
    }
    this.requests++;
    return true;
  }
}

export interface AskerOptions extends ConnectionOptions {
  /** Without a slash at its end, and without user and password. */
  readonly base: string;
  /** The header that is sent there, and nowhere else; empty: none. */
  readonly authorization: string;
  readonly budget: Budget;
  readonly findings: Findings;
  /** How long one answer may take: servers give up after 30 seconds. */
  readonly answerMs: number;
  /** An answer that takes longer is slow. */
  readonly slowMs: number;
}

/** A request to the marketplace. */
export interface Asked {
  /** Default: `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** Path and query, after the base. */
  readonly target: string;
  /** Beside those that every server sends. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How findings name it. Default: method and target. */
  readonly name?: string;
  /** Default: `MOST_BYTES`. */
  readonly mostBytes?: number;
}

/** As a Mattermost server asks (docs/mattermost.md, Requests). */
const HEADERS = { 'user-agent': 'Mattermost-Bot/1.1', 'accept-encoding': 'gzip' };

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 10;

/** Asks a marketplace, within limits of number and time. */
export class Asker {
  readonly options: AskerOptions;
  readonly #connections: Connections;
  readonly #limit: ReturnType<typeof pLimit>;

  constructor(options: AskerOptions) {
    this.options = options;
    this.#connections = openConnections(options);
    this.#limit = pLimit(options.concurrency);
  }

  /** Sends a request. What keeps it from a whole answer becomes a finding. @returns null if there is none */
  async ask(asked: Asked): Promise<Answer | null> {
    const { findings, slowMs } = this.options;
    const name = nameOf(asked);
    try {
      const answer = await this.tryToAsk(asked);
      if (answer !== null && answer.ms > slowMs) {
        findings.add({ check: 'slow', message: `takes longer than ${slowMs} ms` }, name);
      }
      return answer;
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      findings.add({ check: error.check, message: error.message }, name);
      return null;
    }
  }

  /** The same, for those who handle failures themselves. @throws {AskError} @returns null if the budget is used up */
  async tryToAsk({
    method = 'GET',
    target,
    headers = {},
    mostBytes = MOST_BYTES,
  }: Asked): Promise<Answer | null> {
    const { base, authorization } = this.options;
    return await this.#limit(async () => {
      const url = base + target;
      const sent = { ...HEADERS, ...headers, ...(authorization ? { authorization } : {}) };
      return await this.#send(url, { method, headers: sent }, (message, startedAt) =>
        readAnswer(message, startedAt, mostBytes),
      );
    });
  }

  /** The network as other rooms take it: follows redirects, and gives the password to nobody else. */
  get web(): Web {
    const { answerMs } = this.options;
    return {
      fetch: (url, init) => this.#fetch(url, init),
      sleep: async () => {},
      waitsMs: [],
      stallMs: answerMs,
      limitMs: 30 * 60_000,
    };
  }

  /** The status and the headers at the end of all redirects, without the body. @throws {AskError} */
  async head(url: string): Promise<Omit<Answer, 'ms' | 'miscoded'> | null> {
    const read = async (message: IncomingMessage) => {
      const { statusCode: status = 0, headers } = message;
      message.destroy();
      return { status, headers, body: Buffer.alloc(0) };
    };
    // A HEAD is cheaper, and some stores refuse it.
    return await this.#limit(async () => {
      const head = await this.#follow(url, { method: 'HEAD', headers: HEADERS }, read);
      if (head === null || head.status < 400) return head;
      return await this.#follow(url, { method: 'GET', headers: HEADERS }, read);
    });
  }

  close(): void {
    this.#connections.close();
  }

  async #fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = Object.fromEntries(new Headers(init.headers));
    const acceptsGzip = headers['accept-encoding']?.includes('gzip') ?? false;
    const sent = { ...headers, 'accept-encoding': acceptsGzip ? 'gzip' : 'identity' };
    const options = { method: init.method ?? 'GET', headers: sent, signal: init.signal };
    const response = await this.#follow(url, options, async (message) =>
      toResponse(message, acceptsGzip),
    );
    if (response === null) throw new Error('the probe has used up its requests or its time');
    return response;
  }

  async #follow<Result>(
    url: string,
    options: SendOptions,
    read: (message: IncomingMessage) => Promise<Result>,
  ): Promise<Result | null> {
    let asked = url;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const headers = { ...options.headers, ...this.#authorizationFor(asked) };
      const result = await this.#send(asked, { ...options, headers }, async (message) => {
        const { statusCode = 0, headers: answered } = message;
        const { location } = answered;
        const leadsOn = location !== undefined && REDIRECTS.includes(statusCode);
        if (!leadsOn) return { result: await read(message) };
        message.destroy();
        return { location };
      });
      if (result === null) return null;
      if ('result' in result) return result.result;
      const { location } = result;
      if (!URL.canParse(location, asked)) break;
      asked = new URL(location, asked).href;
      if (!/^https?:/.test(asked)) break;
    }
    throw new AskError('redirect', 'redirects without end, or to something that is no web address');
  }

  #authorizationFor(url: string): Record<string, string> {
    const { base, authorization } = this.options;
    const isHome = URL.canParse(url) && new URL(url).origin === new URL(base).origin;
    return isHome && authorization !== '' ? { authorization } : {};
  }

  async #send<Result>(
    url: string,
    { method, headers, signal: given }: SendOptions,
    read: (message: IncomingMessage, startedAt: number) => Promise<Result>,
  ): Promise<Result | null> {
    const { budget, answerMs } = this.options;
    if (!budget.take()) return null;
    const startedAt = performance.now();
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), answerMs);
    // A body that is read by others has their limits.
    const signals = [budget.deadline, ...(given ? [given] : [ending.signal])];
    const signal = AbortSignal.any(signals);
    try {
      const message = await openAnswer(url, {
        ...{ method, headers, signal, connections: this.#connections },
      });
      try {
        return await read(message, startedAt);
      } catch (error) {
        message.destroy();
        throw error;
      }
    } catch (error) {
      if (budget.deadline.aborted) {
        budget.unasked++;
        return null;
      }
      if (ending.signal.aborted) {
        throw new AskError('slow', `takes longer than ${answerMs / 1000} s, and servers give up`);
      }
      throw toAskError(url, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface SendOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | null | undefined;
}

/** How findings name a request. */
export function nameOf({ name, method = 'GET', target }: Asked): string {
  return name ?? `${method} ${target}`;
}
