import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { errorCode } from '../../lib/errors.ts';
import { type Connections, isTls } from './connections.ts';

/** A request as it is sent. */
export interface OpenOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: Connections;
  readonly signal: AbortSignal;
}

/** Sends a request, and resolves when the head of the answer is there. Follows no redirect, and undoes no coding. */
export async function openAnswer(url: string, options: OpenOptions): Promise<IncomingMessage> {
  try {
    return await openOnce(url, options, false);
  } catch (error) {
    // The server closed a kept connection in the moment in which it was used: that is no fault.
    if (!(error instanceof StaleConnection)) throw error;
    return await openOnce(url, options, true);
  }
}

class StaleConnection extends Error {}

function openOnce(
  url: string,
  { method, headers, connections, signal }: OpenOptions,
  isFresh: boolean,
): Promise<IncomingMessage> {
  const start = isTls(url) ? https.request : http.request;
  const agent = connections.agentFor(url, isFresh);
  return new Promise((resolve, reject) => {
    const request = start(url, { method, headers, agent, signal }, resolve);
    request.on('error', (error) => {
      const isStale = request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(errorCode(error));
      reject(isStale && !signal.aborted ? new StaleConnection() : error);
    });
    request.end();
  });
}
