import type { Random } from '../random.ts';
import type { ErrorCode } from './api-error.ts';

/** What goes wrong with one request. */
export type Fault =
  /** It is answered with this error and has no effect. */
  | { readonly kind: 'error'; readonly code: ErrorCode }
  /** Its connection is closed, and it has no effect. */
  | { readonly kind: 'drop-before' }
  /** It takes effect, and its connection is closed without an answer. */
  | { readonly kind: 'drop-after' }
  /** It takes effect, and the connection is closed in the middle of the answer's body. */
  | { readonly kind: 'cut' }
  /** It takes effect, and the answer comes so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** As `drop-before`, and so with everything this client sends from now on: it is killed, or its machine lost power. */
  | { readonly kind: 'die' };

/** A request whose turn has come. */
export interface FaultRequest {
  /** As the SDK's commands are called: `PutObject`. */
  readonly operation: string;
  /** Of the object, or the name of the function or distribution; of DeleteObjects and ListObjectsV2 the bucket. */
  readonly key: string;
  /** The access key id. */
  readonly client: string;
  /** How many requests came before this one. */
  readonly index: number;
  /** The how manieth this client asks with the same operation and key, from 1: above 1, perhaps another try. */
  readonly count: number;
}

/** Decides what goes wrong with a request; called once for each, in the order in which they take effect. */
export type FaultPlan = (request: FaultRequest) => Fault | undefined;

/** What a random plan is made of. */
export interface RandomFaultOptions {
  /** Each fault with the probability that a request has it; together at most 1. */
  readonly rates: readonly (readonly [probability: number, fault: Fault])[];
  /** So many requests of a client with the same operation and key fail in a row at most, so that trying again helps. */
  readonly inARow: number;
}

/** A plan that fails requests at random; the same for the same random source and requests. */
export function randomFaults(random: Random, options: RandomFaultOptions): FaultPlan {
  const { rates, inARow } = options;
  const failures = new Map<string, number>();
  return ({ client, operation, key }) => {
    const call = JSON.stringify([client, operation, key]);
    const failed = failures.get(call) ?? 0;
    const fault = failed < inARow ? pickFault(random, rates) : undefined;
    // What is only slow has not failed.
    failures.set(call, fault && fault.kind !== 'delay' ? failed + 1 : 0);
    return fault;
  };
}

function pickFault(random: Random, rates: RandomFaultOptions['rates']): Fault | undefined {
  let drawn = random.below(1e6) / 1e6;
  for (const [probability, fault] of rates) {
    if (drawn < probability) return fault;
    drawn -= probability;
  }
  return undefined;
}
