import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen } from '../../src/hosts/embedded/connection/listen.ts';
import { type Answer, ApiBackend, type Effect, keyOf, type RequestRecord } from './api-backend.ts';
import { ApiError, toApiError } from './api-error.ts';
import { type ApiRequest, toApiRequest } from './api-request.ts';
import { type AwsSetup, type AwsState, newState } from './aws-state.ts';
import type { FaultPlan } from './faults.ts';
import { type Schedule, Scheduler } from './scheduler.ts';
import { createSiteFront, type SiteFrontOptions } from './site-front.ts';
import { findAccessKeyId, verifySignature } from './verify-signature.ts';

/** What to begin with: something new, or the state that another one was in. */
export type FakeAwsOptions = (AwsSetup | { readonly state: AwsState }) & {
  /** The access key ids that may sign. Default: one. */
  readonly clients?: readonly string[];
  /** What objects and functions are dated by. Signatures are held to the machine's clock, by which clients sign. */
  readonly now?: () => Date;
  /** What goes wrong. Default: nothing. */
  readonly faults?: FaultPlan;
  /** In which order requests of several clients take effect. Default: that of their arrival. */
  readonly schedule?: Schedule;
  /** How long the schedule waits for a client that is live and sends nothing. Default: 10,000. */
  readonly stallMs?: number;
  /** What TestFunction says it took, in percent of what is allowed. Default: `20`. */
  readonly computeUtilization?: string;
  /** How the site is seen from outside. */
  readonly site?: SiteFrontOptions;
};

/** As the SDK's clients take them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** S3 and CloudFront, as far as a publisher needs them. */
export interface FakeAws {
  /** The endpoint of both services, by path-style addressing. */
  readonly url: string;
  /** Where viewers find the site. */
  readonly siteUrl: string;
  /** The region of the buckets. */
  readonly region: string;
  /** Of the first client. */
  readonly credentials: Credentials;
  /** What is stored now. */
  readonly state: AwsState;
  /** Every request so far, in the order in which they were done. */
  readonly requests: readonly RequestRecord[];
  /** Every change so far, in order, each with the state after it. */
  readonly effects: readonly Effect[];
  credentialsOf(client: string): Credentials;
  /** Tells the schedule that a client will send nothing more. */
  leave(client: string): void;
  close(): Promise<void>;
}

const REGION = 'us-east-1';

/**
 * Starts a server on loopback that speaks this much of S3 and CloudFront to the unmodified SDK: what the publisher calls,
 * with the conditions, limits and error codes of the services, and whatever it does not know refused. It checks
 * signatures, and remembers every request and the state after every change.
 */
export async function startFakeAws(options: FakeAwsOptions): Promise<FakeAws> {
  const { clients = ['TESTCLIENT'], now = () => new Date(), schedule } = options;
  const credentials = clients.map((accessKeyId) => ({
    accessKeyId,
    secretAccessKey: `secret of ${accessKeyId}`,
  }));
  const backend = new ApiBackend({
    state: 'state' in options ? options.state : newState(options, now()),
    now,
    faults: options.faults ?? (() => undefined),
    computeUtilization: options.computeUtilization ?? '20',
  });
  const scheduler = schedule && new Scheduler(clients, schedule, options.stallMs ?? 10_000);
  const secrets = new Map(credentials.map((each) => [each.accessKeyId, each.secretAccessKey]));

  async function receive(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const client = findAccessKeyId(request.headers);
    try {
      if (request.operation === 'Unreadable') throw new ApiError('InvalidURI');
      verifySignature(request, { secrets, region: REGION }, new Date());
    } catch (error) {
      return send(outgoing, backend.refuse(request, client, toApiError(error)));
    }
    const act = (stall?: Error) => {
      const answer = stall
        ? backend.refuse(request, client, new ApiError('InternalError', stall.message))
        : backend.handle(request, client);
      if (backend.isDead(client)) scheduler?.leave(client);
      send(outgoing, answer);
    };
    if (!scheduler || backend.isDead(client)) return act();
    scheduler.enter({ operation: request.operation, key: keyOf(request), client }, act);
  }

  // No connection is closed for having been idle: that would look like a fault that nobody planned.
  const api = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    receive(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const front = createSiteFront(() => backend.state, options.site ?? {});
  const [url, siteUrl] = await Promise.all([
    listen(api, '127.0.0.1', 0),
    listen(front, '127.0.0.1', 0),
  ]);
  const credentialsOf = (client: string): Credentials => {
    const found = credentials.find(({ accessKeyId }) => accessKeyId === client);
    if (!found) throw new Error(`there is no client ${client}`);
    return found;
  };
  return {
    url,
    siteUrl,
    region: REGION,
    credentials: credentialsOf(clients[0] ?? ''),
    requests: backend.requests,
    effects: backend.effects,
    get state() {
      return backend.state;
    },
    credentialsOf,
    leave: (client) => scheduler?.leave(client),
    async close() {
      scheduler?.close();
      await Promise.all([close(api), close(front)]);
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = '', url: target = '', headers } = incoming;
  return toApiRequest({ method, target, headers, body: Buffer.concat(chunks) });
}

function send(outgoing: ServerResponse, { reply, fault }: Answer): void {
  const isLost =
    fault?.kind === 'drop-after' || (fault?.kind === 'cut' && reply?.body.length === 0);
  if (!reply || isLost) {
    outgoing.destroy();
    return;
  }
  const write = () => {
    const { status, headers, body } = reply;
    const length = status === 204 ? {} : { 'content-length': body.length };
    outgoing.writeHead(status, { ...length, ...headers });
    if (fault?.kind !== 'cut') outgoing.end(body);
    else outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
  };
  if (fault?.kind === 'delay') setTimeout(write, fault.ms);
  else write();
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
