/** What a probe finds wrong. */
export interface Fault {
  /** A warning does not make the marketplace faulty. Default: `error`. */
  readonly level?: 'error' | 'warning';
  /** The kind of fault, such as `missing-plugin`. */
  readonly check: string;
  /** The same text for the same fault, whichever request shows it. */
  readonly message: string;
  readonly remedy?: string;
}

/** A fault with the requests that show it. */
export interface Finding extends Fault {
  readonly level: 'error' | 'warning';
  /** How many requests show it. */
  readonly requests: number;
  /** The first of them, in words. */
  readonly examples: readonly string[];
}

/** So many requests are named. */
const EXAMPLES = 3;

/** Longer texts are cut: what a server sends must not fill a log. */
const LONGEST = 500;

/** So many findings are kept, whatever a server does. */
const MOST_FINDINGS = 500;

/** Collects faults. One that many requests show is one finding. */
export class Findings {
  readonly #found = new Map<string, { fault: Fault; requests: number; examples: string[] }>();

  /** @param where the request that shows it, such as `GET /api/v1/labels` */
  add(fault: Fault, where: string): void {
    const message = cut(fault.message);
    const key = `${fault.check} ${message}`;
    const known = this.#found.get(key);
    if (known === undefined && this.#found.size >= MOST_FINDINGS) return;
    const found = known ?? { fault: { ...fault, message }, requests: 0, examples: [] };
    found.requests++;
    const example = cut(where);
    if (found.examples.length < EXAMPLES && !found.examples.includes(example)) {
      found.examples.push(example);
    }
    this.#found.set(key, found);
  }

  /** Errors first, otherwise in the order in which they were found. */
  list(): Finding[] {
    const all = [...this.#found.values()].map(({ fault, requests, examples }) => ({
      ...fault,
      level: fault.level ?? 'error',
      requests,
      examples,
    }));
    const isError = ({ level }: Finding) => level === 'error';
    return [...all.filter(isError), ...all.filter((finding) => !isError(finding))];
  }
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
