import { setTimeout as sleep } from 'node:timers/promises';

/** An entity tag that can be sent back in a header. */
export const ENTITY_TAG = /^[\x21-\x7e]+$/;

/** How the network is reached, and with how much patience: passed to everything that asks it. */
export interface Web {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** The waits between attempts, in milliseconds; there is one attempt more than waits. */
  readonly waitsMs: readonly number[];
  /** How long a server may be silent. */
  readonly stallMs: number;
  /** How long an attempt may take in all. */
  readonly limitMs: number;
  /** Waits as long as what has come is ahead of a limit of bandwidth. Default: there is none. */
  readonly pace?: (bytes: number) => Promise<void>;
}

/** The real network, as commands use it. */
export const WEB: Web = {
  fetch: globalThis.fetch,
  sleep,
  waitsMs: [500, 2_000, 8_000],
  stallMs: 30_000,
  limitMs: 30 * 60_000,
};

/** The same network, of which all requests together take no more than a number of bytes a second. */
export function limitRate(web: Web, bytesPerSecond: number, now = () => performance.now()): Web {
  let freeAtMs = now();
  return {
    ...web,
    pace: async (bytes) => {
      freeAtMs = Math.max(freeAtMs, now()) + (1000 * bytes) / bytesPerSecond;
      await web.sleep(freeAtMs - now());
    },
  };
}
