import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';

interface ConnectionState {
  /** Requests that are not answered in full yet. */
  unanswered: number;
  /** The latest of all requests. */
  latest: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined;
  /** Sent before closing, once everything is answered. */
  lastWords: string | undefined;
  /** Of `whenDone`, not called yet. */
  readonly waiting: Set<() => void>;
}

/** Clients wait for an answer before they ask again, or send a few requests ahead: more end the connection. */
const MOST_UNANSWERED = 64;

/**
 * The open connections of a server, and the answers each still owes. Node closes connections by itself, too, but takes one
 * for idle as soon as an answer is handed over, while most of it may still wait for a slow client.
 */
export class Connections {
  readonly #server: Server;
  readonly #open = new Map<Socket, ConnectionState>();
  readonly #waitLimitMs: number;
  #drained: Promise<void> | undefined;

  /** @param waitLimitMs see `limitWait` */
  constructor(server: Server, waitLimitMs: number) {
    this.#server = server;
    this.#waitLimitMs = waitLimitMs;
    server.on('connection', (socket: Socket) => {
      const waiting = new Set<() => void>();
      this.#open.set(socket, { unanswered: 0, latest: undefined, lastWords: undefined, waiting });
      socket.once('close', () => {
        this.#open.delete(socket);
        for (const done of waiting) done();
      });
    });
  }

  /**
   * Counts a request until its response is closed: out, or its client gone. False where it must not be answered, because its client
   * sent too many ahead and the connection ends.
   */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const state = this.#open.get(socket);
    if (state?.unanswered === MOST_UNANSWERED) socket.destroy();
    if (socket.destroyed || state === undefined) return false;
    state.latest = { request, response };
    state.unanswered += 1;
    response.on('close', () => this.#end(socket, state));
    return true;
  }

  /** Calls back once, when a response is out or its client gone. Node does not close a response that another is in front of. */
  whenDone({ socket }: IncomingMessage, response: ServerResponse, callback: () => void): void {
    const { waiting } = this.#open.get(socket) ?? {};
    if (waiting === undefined) {
      callback();
      return;
    }
    const done = () => {
      if (waiting.delete(done)) callback();
    };
    waiting.add(done);
    response.once('close', done);
  }

  #end(socket: Socket, state: ConnectionState): void {
    state.unanswered -= 1;
    if (state.unanswered === 0) this.#settle(socket, state);
  }

  /** Whether an answer sent now is the last on its connection. */
  isLast(socket: Socket): boolean {
    if (this.#drained === undefined) return false;
    const state = this.#open.get(socket);
    return state === undefined || state.unanswered <= 1;
  }

  /**
   * Ends a connection on which nothing moves for a while. Holds until all is sent: then Node sets its own limit, between two
   * requests. As a limit of the server it would cost every request a timer.
   */
  limitWait(socket: Socket): void {
    socket.setTimeout(this.#waitLimitMs);
  }

  /**
   * Sends a raw response and closes, for what never became a request. Earlier requests on the same connection are answered
   * first: a client takes answers in the order it asked. False if it is not sent, because the connection was refused
   * before, the fault is in the body of a request that has its own answer, or that answer was the last.
   */
  refuse(socket: Socket, message: string): boolean {
    const state = this.#open.get(socket);
    if (state === undefined || state.lastWords !== undefined) return false;
    const { request, response } = state.latest ?? {};
    const isPart = request?.complete === false || response?.shouldKeepAlive === false;
    state.lastWords = isPart ? '' : message;
    if (state.unanswered === 0) this.#settle(socket, state);
    return !isPart;
  }

  /**
   * Leaves the rest of a connection to `replay`, until that closes. False where the connection still owes an answer, or was
   * refused.
   */
  handOver(socket: Socket, replay: Writable): boolean {
    const state = this.#open.get(socket);
    if (state === undefined || state.unanswered > 0 || state.lastWords !== undefined) return false;
    state.lastWords = '';
    state.unanswered += 1;
    replay.once('close', () => this.#end(socket, state));
    return true;
  }

  /** Whether a connection was refused or handed over: it ends when all is answered. */
  isEnding(socket: Socket): boolean {
    return this.#open.get(socket)?.lastWords !== undefined;
  }

  /**
   * Accepts no more connections, closes idle ones, and resolves when the others have answered. Cuts them off
   * after `limitMs`.
   */
  drain(limitMs: number): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      const limit = setTimeout(() => {
        for (const socket of this.#open.keys()) socket.destroy();
      }, limitMs);
      // Not close() of http.Server, which cuts off answers that slow clients still read.
      NetServer.prototype.close.call(this.#server, () => {
        clearTimeout(limit);
        this.#server.close(); // stops the timers of http; nothing is left to cut off
        resolve();
      });
      for (const [socket, state] of this.#open) {
        if (state.unanswered === 0) socket.destroy();
      }
    });
    return this.#drained;
  }

  #settle(socket: Socket, state: ConnectionState): void {
    if (state.lastWords !== undefined && socket.writable) {
      socket.end(state.lastWords, () => socket.destroySoon());
    } else if (state.lastWords !== undefined || this.#drained !== undefined) {
      socket.destroySoon();
    }
  }
}
