import type { Random } from '../random.ts';
import type { Call } from './scheduler.ts';

/** The fault of a request. */
export type Fault =
  /** It is answered with this error code and has no effect. */
  | { readonly kind: 'error'; readonly code: string }
  /** It is lost and has no effect. */
  | { readonly kind: 'lost-request' }
  /** It takes effect, and its answer is lost or breaks off. */
  | { readonly kind: 'lost-answer' }
  /** It takes effect, and its answer arrives after those of later requests. */
  | { readonly kind: 'delay' }
  /** The client was killed: nothing that it sends from now on has an effect. */
  | { readonly kind: 'die' };

/** Decides what goes wrong with a request; asked once for each, in the order in which they take effect. */
export type FaultPlan = (call: Call) => Fault | undefined;

/** Each fault with the probability that a request has it; together at most 1. */
export type FaultRates = readonly (readonly [probability: number, fault: Fault])[];

/** Fails requests at random, the same one at most twice in a row, so that trying again helps. */
export function randomFaults(random: Random, rates: FaultRates): FaultPlan {
  const failures = new Map<string, number>();
  return ({ client, operation, key }) => {
    const call = JSON.stringify([client, operation, key]);
    const failed = failures.get(call) ?? 0;
    const fault = failed < 2 ? pickFault(random, rates) : undefined;
    // A late answer is not a failure.
    failures.set(call, fault && fault.kind !== 'delay' ? failed + 1 : 0);
    return fault;
  };
}

function pickFault(random: Random, rates: FaultRates): Fault | undefined {
  let drawn = random.below(1e6) / 1e6;
  for (const [probability, fault] of rates) {
    if (drawn < probability) return fault;
    drawn -= probability;
  }
  return undefined;
}

/** An error as the SDK throws it. */
export function awsError(code: string, message = code): Error {
  return Object.assign(new Error(message), { name: code, code, $metadata: {} });
}
