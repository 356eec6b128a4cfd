import { setImmediate as later } from 'node:timers/promises';
import { digestOf } from '../../src/lib/digests.ts';
import { cacheControlOfKey, MOST_BYTES, tooLarge } from '../../src/publish/aws/s3-bucket.ts';
import {
  type Bucket,
  type EdgeFunction,
  type EdgeStore,
  MOST_REMOVED,
  type NewObject,
  type Stage,
  type Target,
} from '../../src/publish/aws/target.ts';
import { EdgeCode, type Routed } from './edge-code.ts';
import { type FakeStore, NEW_STORE, openStore, STORE, visibleKeys } from './fake-store.ts';
import { awsError, type Fault, type FaultPlan } from './faults.ts';
import { type Call, type Schedule, Scheduler } from './scheduler.ts';

/** An object of the bucket. */
export interface FakeObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly sha256: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly modifiedAt: Date;
}

/** A stage of the function. */
export interface FakeStage {
  readonly code: EdgeCode;
  readonly etag: string;
  readonly publishedAt: Date;
  /** Absent if it is not associated with a store. */
  readonly storeArn?: string;
}

/** Everything that is stored: a value that never changes, so every moment of a deploy can be kept. */
export interface AwsState {
  readonly objects: ReadonlyMap<string, FakeObject>;
  readonly stages: Readonly<Record<Stage, FakeStage>>;
  readonly store: FakeStore;
}

/** A request that was made, with what went wrong. */
export interface RequestRecord extends Call {
  readonly fault?: Fault['kind'];
}

/** A change that took effect, with the state after it. */
export interface Effect extends Call {
  readonly state: AwsState;
}

export interface FakeAwsOptions {
  /** Default: an empty bucket, and a function that answers 503, as a new stack has. */
  readonly state?: AwsState;
  readonly now?: () => Date;
  readonly faults?: FaultPlan;
  /** The order in which the requests of `clients` take effect; default: as they arrive. */
  readonly schedule?: Schedule;
  readonly clients?: readonly string[];
  /** How many objects are on a page of a listing. */
  readonly pageSize?: number;
  /** The utilization that TestFunction reports, in percent. */
  readonly computeUtilization?: number;
  /** How long until functions see a new key. A removed one is gone at once. */
  readonly storeLagMs?: number;
  /** Whether the state after every change is kept, which takes memory where objects are many. Default: true. */
  readonly keepsEffects?: boolean;
}

/** A target with everything that CloudFront has. */
export type FakeTarget = Target & {
  readonly edge: Required<EdgeFunction>;
  readonly store: EdgeStore;
};

export const BUCKET = 'marketplace';
export const FUNCTION = 'router';

/** As often as the clients of `build/publish/publish-command.ts`. */
const ATTEMPTS = 6;

/** The errors after which the SDK tries again. */
const TRANSIENT = [
  ...['SlowDown', 'ServiceUnavailable', 'InternalError', 'InternalServerException'],
  ...['Throttling', 'ThrottlingException', 'ECONNRESET'],
];

const PLACEHOLDER = 'function handler() { return { statusCode: 503 }; }';

/**
 * A bucket, an edge function and its store in memory, at the ports of publishing. It remembers every request and the state after every
 * change, takes requests in a chosen order, and fails them by plan; like the SDK it tries again what may succeed then.
 */
export class FakeAws {
  readonly requests: RequestRecord[] = [];
  readonly effects: Effect[] = [];
  readonly #options: FakeAwsOptions;
  readonly #scheduler: Scheduler | undefined;
  readonly #dead = new Set<string>();
  #state: AwsState;

  constructor(options: FakeAwsOptions = {}) {
    const { schedule, clients = [] } = options;
    this.#options = options;
    this.#scheduler = schedule && new Scheduler(clients, schedule);
    const stage = { code: new EdgeCode(PLACEHOLDER), publishedAt: this.#now() };
    this.#state = options.state ?? {
      objects: new Map(),
      stages: { DEVELOPMENT: { ...stage, etag: 'E0' }, LIVE: { ...stage, etag: 'E1' } },
      store: NEW_STORE,
    };
  }

  get state(): AwsState {
    return this.#state;
  }

  /** The target of a client. */
  target(client = 'CLIENT'): FakeTarget {
    return {
      bucket: this.#bucket(client),
      edge: this.#edge(client),
      store: this.#store(client),
      sleep: async (ms) => {
        await later();
        const { store } = this.#state;
        this.#state = { ...this.#state, store: { ...store, elapsedMs: store.elapsedMs + ms } };
      },
    };
  }

  /** Tells the scheduler that a client sends nothing more. */
  leave(client: string): void {
    this.#scheduler?.leave(client);
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  /** Makes a request, again and again while that may help. */
  async #ask<Result>(call: Call, act: () => Result): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryOnce(call, act);
      } catch (error) {
        const isTransient = error instanceof Error && TRANSIENT.includes(error.name);
        if (!isTransient || attempt === ATTEMPTS || this.#dead.has(call.client)) throw error;
      }
    }
  }

  async #tryOnce<Result>(call: Call, act: () => Result): Promise<Result> {
    if (!this.#dead.has(call.client)) await (this.#scheduler?.turn(call) ?? later());
    const fault: Fault | undefined = this.#dead.has(call.client)
      ? { kind: 'die' }
      : this.#options.faults?.(call);
    this.requests.push({ ...call, ...(fault && { fault: fault.kind }) });
    if (fault?.kind === 'die') {
      this.#dead.add(call.client);
      this.leave(call.client);
    }
    if (fault?.kind === 'error') throw awsError(fault.code);
    if (fault?.kind === 'die' || fault?.kind === 'lost-request') throw awsError('ECONNRESET');
    const result = act();
    if (fault?.kind === 'lost-answer') throw awsError('ECONNRESET');
    if (fault?.kind === 'delay') for (let ticks = 0; ticks < 10; ticks++) await later();
    return result;
  }

  #change(call: Call, state: Partial<AwsState>): void {
    this.#state = { ...this.#state, ...state };
    if (this.#options.keepsEffects ?? true) this.effects.push({ ...call, state: this.#state });
  }

  #put(call: Call, { key, contentType }: NewObject, body: Buffer): FakeObject {
    const stored = {
      body,
      etag: `"${digestOf(body)}"`,
      sha256: digestOf(body),
      headers: { 'content-type': contentType, 'cache-control': cacheControlOfKey(key) },
      modifiedAt: this.#now(),
    };
    this.#change(call, { objects: new Map(this.#state.objects).set(key, stored) });
    return stored;
  }

  #bucket(client: string): Bucket {
    const call = (operation: string, key: string): Call => ({ client, operation, key });
    const find = (key: string) => this.#state.objects.get(key);
    return {
      address: `s3://${BUCKET}`,
      list: async (prefix) => {
        const { pageSize = 1000 } = this.#options;
        const listed: [string, FakeObject][] = [];
        for (let isLast = false; !isLast; ) {
          const page = await this.#ask(call('ListObjectsV2', prefix), () =>
            [...this.#state.objects]
              .filter(([key]) => key.startsWith(prefix) && key > (listed.at(-1)?.[0] ?? ''))
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .slice(0, pageSize),
          );
          listed.push(...page);
          isLast = page.length < pageSize;
        }
        return listed.map(([key, { body, modifiedAt }]) => ({
          key,
          sizeBytes: body.length,
          modifiedAt,
        }));
      },
      listFolders: (prefix) =>
        this.#ask(call('ListObjectsV2', prefix), () => {
          const rests = [...this.#state.objects.keys()]
            .filter((key) => key.startsWith(prefix))
            .map((key) => key.slice(prefix.length).split('/'));
          const folders = rests.filter(({ length }) => length > 1).map(([name]) => name);
          return [...new Set(folders)].sort().map((name) => `${prefix}${name}/`);
        }),
      get: (key, mostBytes = MOST_BYTES) =>
        this.#ask(call('GetObject', key), () => {
          const stored = find(key);
          if (stored && stored.body.length > mostBytes)
            throw tooLarge(`s3://${BUCKET}`, key, mostBytes);
          return stored && { body: stored.body, etag: stored.etag };
        }),
      put: (object, body, expected) =>
        this.#ask(call('PutObject', object.key), () => {
          if (digestOf(body) !== object.sha256) throw awsError('BadDigest');
          const isRight = expected === undefined || (find(object.key)?.etag ?? null) === expected;
          if (!isRight) throw awsError('PreconditionFailed');
          return this.#put(call('PutObject', object.key), object, body).etag;
        }),
      copy: (fromKey, object) =>
        this.#ask(call('CopyObject', object.key), () => {
          const source = find(fromKey);
          if (source === undefined) return false;
          this.#put(call('CopyObject', object.key), object, source.body);
          return source.sha256 === object.sha256;
        }),
      remove: (keys) =>
        this.#ask(call('DeleteObjects', BUCKET), () => {
          if (keys.length > MOST_REMOVED) throw awsError('MalformedXML');
          for (const key of keys) {
            const objects = new Map(this.#state.objects);
            if (objects.delete(key)) this.#change(call('DeleteObjects', key), { objects });
          }
        }),
    };
  }

  #edge(client: string): Required<EdgeFunction> {
    const ask = <Result>(operation: string, act: (call: Call) => Result) => {
      const call = { client, operation, key: FUNCTION };
      return this.#ask(call, () => act(call));
    };
    const development = (etag: string, error: string) => {
      const stage = this.#state.stages.DEVELOPMENT;
      if (stage.etag !== etag) throw awsError(error);
      return stage;
    };
    const change = (call: Call, stage: Stage, next: Pick<FakeStage, 'code' | 'storeArn'>) => {
      const { code, storeArn } = next;
      // Never the same again, also where another fake goes on from this state.
      const before = this.#state.stages[stage].etag;
      const etag = `E${digestOf(`${stage} ${before} ${code.source}`).slice(0, 12).toUpperCase()}`;
      const association = storeArn === undefined ? {} : { storeArn };
      const changed = { code, etag, publishedAt: this.#now(), ...association };
      this.#change(call, { stages: { ...this.#state.stages, [stage]: changed } });
      return etag;
    };
    return {
      name: FUNCTION,
      read: (stage) =>
        ask('GetFunction', () => {
          const { code, etag } = this.#state.stages[stage];
          return { code: code.source, etag };
        }),
      publishedAt: () => ask('DescribeFunction', () => this.#state.stages.LIVE.publishedAt),
      update: ({ code, comment: _, ...association }, etag) =>
        ask('UpdateFunction', (call) => {
          development(etag, 'PreconditionFailed');
          return change(call, 'DEVELOPMENT', { code: new EdgeCode(code), ...association });
        }),
      test: (event, etag) =>
        ask('TestFunction', () => {
          const stage = development(etag, 'InvalidIfMatchVersion');
          const { computeUtilization = 20 } = this.#options;
          return {
            ...stage.code.run(event, visibleKeys(this.#state.store, stage.storeArn)),
            computeUtilization,
          };
        }),
      publish: (etag) =>
        ask('PublishFunction', (call) => {
          change(call, 'LIVE', development(etag, 'PreconditionFailed'));
        }),
    };
  }

  #store(client: string): EdgeStore {
    return openStore({
      read: () => this.#state.store,
      lagMs: this.#options.storeLagMs ?? 5000,
      ask: (operation, act) => {
        const call = { client, operation, key: STORE };
        return this.#ask(call, () => act((store) => this.#change(call, { store })));
      },
    });
  }
}

/** What an edge with this function returns for a viewer's request. */
export function askEdge(state: AwsState, stage: FakeStage, method: string, target: string): Routed {
  return stage.code.route(method, target, visibleKeys(state.store, stage.storeArn));
}

/** The answer that a viewer gets. */
export type SiteAnswer = Exclude<Routed, { uri: string }>;

/** The bucket's answer to the distribution, which may read objects but not list them, so a missing one is 403. */
export function askOrigin({ objects }: AwsState, uri: string): SiteAnswer {
  const stored = objects.get(decodeURIComponent(uri.slice(1).replaceAll('+', ' ')));
  if (!stored) return { status: 403, headers: {}, body: Buffer.from('AccessDenied') };
  return { status: 200, headers: stored.headers, body: stored.body };
}
