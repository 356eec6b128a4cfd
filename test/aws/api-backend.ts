import { ApiError, type ErrorCode, toApiError } from './api-error.ts';
import { type ApiReply, type ApiRequest, type Change, type Outcome, reply } from './api-request.ts';
import type { AwsState } from './aws-state.ts';
import { handleCloudFront } from './cloudfront-operations.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { handleS3 } from './s3-operations.ts';
import { CLOUDFRONT_NAMESPACE, toXml, type XmlElement } from './xml.ts';

/** A request that came in, and what became of it. */
export interface RequestRecord {
  /** As the SDK's commands are called: `PutObject`. */
  readonly operation: string;
  /** Of the object, or the name of the function or distribution; of DeleteObjects and ListObjectsV2 the bucket. */
  readonly key: string;
  /** The access key id. */
  readonly client: string;
  /** Of the answer, whether or not a fault kept it from the client; none where there was no answer. */
  readonly status?: number;
  readonly error?: ErrorCode;
  readonly fault?: Fault['kind'];
}

/** A change that took effect. */
export interface Effect extends Change {
  /** The access key id of who made it. */
  readonly client: string;
}

/** What is to be sent, and what goes wrong with the sending. */
export interface Answer {
  /** None: the connection is closed. */
  readonly reply?: ApiReply;
  readonly fault?: Fault;
}

/** What a backend needs. */
export interface BackendOptions {
  readonly state: AwsState;
  readonly now: () => Date;
  readonly faults: FaultPlan;
  /** What TestFunction says it took, in percent of what is allowed. */
  readonly computeUtilization: string;
}

/** What lies behind the wire: the present state, and the history of how it came about. A request is done at once or not. */
export class ApiBackend {
  readonly requests: RequestRecord[] = [];
  readonly effects: Effect[] = [];
  readonly #options: BackendOptions;
  readonly #counts = new Map<string, number>();
  readonly #dead = new Set<string>();
  #state: AwsState;

  constructor(options: BackendOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  get state(): AwsState {
    return this.#state;
  }

  /** Whether nothing that this client sends has an effect any more. */
  isDead(client: string): boolean {
    return this.#dead.has(client);
  }

  /** Does what is asked, unless the fault plan says otherwise. */
  handle(request: ApiRequest, client: string): Answer {
    let fault: Fault | undefined;
    try {
      fault = this.#findFault(request, client);
      if (fault?.kind === 'error') throw new ApiError(fault.code);
      if (fault?.kind === 'die') this.#dead.add(client);
      if (fault?.kind === 'die' || fault?.kind === 'drop-before') {
        this.#record(request, client, { fault: fault.kind });
        return { fault };
      }
      const { reply, changes } = this.#do(request);
      for (const change of changes) {
        this.#state = change.state;
        this.effects.push({ ...change, client });
      }
      this.#record(request, client, { status: reply.status, ...(fault && { fault: fault.kind }) });
      return { reply, ...(fault && { fault }) };
    } catch (error) {
      return this.refuse(request, client, toApiError(error), fault);
    }
  }

  /** Answers with an error. */
  refuse(request: ApiRequest, client: string, error: ApiError, fault?: Fault): Answer {
    const { status, code } = error;
    this.#record(request, client, { status, error: code, ...(fault && { fault: fault.kind }) });
    return { reply: toErrorReply(request, error), ...(fault && { fault }) };
  }

  #record(
    request: ApiRequest,
    client: string,
    outcome: Pick<RequestRecord, 'status' | 'error' | 'fault'>,
  ): void {
    this.requests.push({ operation: request.operation, key: keyOf(request), client, ...outcome });
  }

  #findFault(request: ApiRequest, client: string): Fault | undefined {
    if (this.#dead.has(client)) return { kind: 'die' };
    const { operation } = request;
    const key = keyOf(request);
    const count = this.#count(JSON.stringify([client, operation, key]));
    return this.#options.faults({ operation, key, client, index: this.requests.length, count });
  }

  #do(request: ApiRequest): Outcome {
    const { now, computeUtilization } = this.#options;
    return request.service === 's3'
      ? handleS3(this.#state, request, now())
      : handleCloudFront(this.#state, request, { now: now(), computeUtilization });
  }

  #count(call: string): number {
    const count = (this.#counts.get(call) ?? 0) + 1;
    this.#counts.set(call, count);
    return count;
  }
}

/** What a request is about, in one word. */
export function keyOf({ key, resource }: ApiRequest): string {
  return key === '' ? resource : key;
}

function toErrorReply({ service, target }: ApiRequest, error: ApiError): ApiReply {
  const about: XmlElement[] = [
    ['Code', error.code],
    ['Message', error.message],
  ];
  const body =
    service === 's3'
      ? toXml('Error', [...about, ['Resource', target.split('?', 1)[0] ?? '']])
      : toXml(
          'ErrorResponse',
          [['Error', [['Type', error.status < 500 ? 'Sender' : 'Receiver'], ...about]]],
          CLOUDFRONT_NAMESPACE,
        );
  return reply(error.status, { 'content-type': 'application/xml' }, body).reply;
}
