import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Miniflare } from 'miniflare';
import { toRequestTarget } from '../../src/hosts/embedded/connection/to-request-target.ts';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { PAGE_HEADERS } from '../../src/router/headers/headers.ts';
import { signedFile } from '../../src/snapshot/parse-snapshot.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { skipWithoutApache, startApache } from './apache.ts';
import { skipWithoutCaddy, startCaddy } from './caddy.ts';
import { runInNjs, skipWithoutNjs } from './edge-function.ts';
import { skipWithoutHaproxy, startHaproxy } from './haproxy.ts';
import { skipWithoutNginx, startNginx } from './nginx.ts';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** The request target as sent: `/api/v1/plugins?page=1`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer of an edge. */
export interface EdgeAnswer {
  readonly status: number;
  /** Decoded. */
  readonly body: string;
  /** `COMPARED_HEADERS` as far as the edge sets them; empty where one is missing. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where the body came as it is. */
  readonly contentEncoding: string;
  /** Empty if there is none. */
  readonly etag: string;
}

/** A build at one of the edges. */
export interface Edge {
  readonly name: string;
  /** Where it listens; a model does not. */
  readonly url?: string;
  /** Whether it is a server, so that conditions and compression are its own, or a model of one that leaves them out. */
  readonly isServer: boolean;
  /** Whether it refuses with 400 what only the router can decide. */
  readonly isByRules?: boolean;
  ask(requests: readonly WireRequest[]): Promise<EdgeAnswer[]>;
  stop(): Promise<void>;
}

/** Serves the build in a folder. */
export type StartEdge = (out: string) => Promise<Edge>;

/** The headers that clients and caches go by. */
const COMPARED_HEADERS = [
  ...['content-type', 'cache-control', 'access-control-allow-origin', 'x-content-type-options'],
  ...['allow', 'vary', 'last-modified', 'accept-ranges', 'location', 'www-authenticate'],
  ...Object.keys(PAGE_HEADERS),
];

/** The embedded server. */
export const startEmbeddedEdge: StartEdge = async (out) => {
  const server = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  return httpEdge('embedded server', server.url, () => server.close());
};

/** nginx with rules, and njs for what they do not decide. */
const startNginxEdge: StartEdge = async (out) => {
  const { url, stop } = await startNginx(out);
  return httpEdge('nginx', url, stop);
};

/** nginx with rules alone. */
const startRulesEdge: StartEdge = async (out) => {
  const { url, stop } = await startNginx(out, undefined, false);
  return { ...httpEdge('rules of nginx', url, stop), isByRules: true };
};

/** Apache httpd. */
const startApacheEdge: StartEdge = async (out) => {
  const { url, stop } = await startApache(out);
  return { ...httpEdge('Apache', url, stop), isByRules: true };
};

/** HAProxy in front of a server of files. */
const startHaproxyEdge: StartEdge = async (out) => {
  const { url, stop } = await startHaproxy(out);
  return { ...httpEdge('HAProxy', url, stop), isByRules: true };
};

/** Caddy. */
const startCaddyEdge: StartEdge = async (out) => {
  const { url, stop } = await startCaddy(out);
  return { ...httpEdge('Caddy', url, stop), isByRules: true };
};

/** workerd, the engine of Cloudflare, with the files of the build as its assets. */
const startWorkerEdge: StartEdge = async (out) => {
  const code = await readFile(path.join(out, '_worker.js'), 'utf8');
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    modules: [{ type: 'ESModule', path: '_worker.js', contents: code }],
    compatibilityDate: '2026-04-01',
    assets: {
      directory: out,
      binding: 'ASSETS',
      // As on Pages: the worker gets every request, and the address of a file has no .html.
      routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
      assetConfig: { html_handling: 'auto-trailing-slash', not_found_handling: 'none' },
    },
  });
  const url = await miniflare.ready.catch(async (error: unknown) => {
    await miniflare.dispose();
    throw error;
  });
  return httpEdge('Cloudflare worker', url.origin, () => miniflare.dispose());
};

/**
 * CloudFront according to its documentation: the function runs first, its own response is sent unchanged, and otherwise the
 * origin is asked for the path that the function wrote. A file has the bytes and the content type of its upload; the
 * distribution adds the other headers.
 */
const startCloudFrontEdge: StartEdge = async (out) => {
  const code = await readFile(path.join(out, 'edge/cloudfront-function.js'), 'utf8');
  const { snapshot } = await readSnapshot(out);
  const signed = { path: signedFile(snapshot.id), contentType: 'application/json' };
  const files = [...snapshot.files, signed];
  const modelled = { contentEncoding: '', etag: '' };
  const askOrigin = async (uri: string): Promise<EdgeAnswer> => {
    const file = files.find((each) => `/${each.path}` === uri);
    if (file === undefined) throw new Error(`the router names ${uri}, which is not of the build`);
    const body = await readFile(path.join(out, file.path), 'utf8');
    return { status: 200, body, headers: { 'content-type': file.contentType }, ...modelled };
  };
  const ask = async (requests: readonly WireRequest[]) => {
    const results = runInNjs(
      code,
      requests.map(({ method, target, headers }) => {
        const [path = '', ...rest] = toRequestTarget(target).split('?');
        return { method, path, query: rest.join('?'), headers };
      }),
    );
    const answers = results.map(async (result, i) => {
      const answer = 'path' in result ? await askOrigin(result.path) : toAnswer(result);
      return requests[i]?.method === 'HEAD' ? { ...answer, body: '' } : answer;
    });
    return await Promise.all(answers);
  };
  const toAnswer = ({
    statusCode,
    headers,
    body,
  }: {
    statusCode: number;
    headers: object;
    body: string;
  }) => {
    const named = Object.entries(headers).map(([name, { value }]) => [name, value]);
    return { status: statusCode, body, headers: Object.fromEntries(named), ...modelled };
  };
  return { name: 'CloudFront', isServer: false, ask, stop: async () => {} };
};

/** Every engine that the router runs in, by the beginning of its edge's name, and why a test of it is skipped. */
export const EDGES: Readonly<Record<string, { start: StartEdge; skip: string | false }>> = {
  CloudFront: { start: startCloudFrontEdge, skip: skipWithoutNjs },
  nginx: { start: startNginxEdge, skip: skipWithoutNginx },
  'rules of nginx': { start: startRulesEdge, skip: skipWithoutNginx },
  Apache: { start: startApacheEdge, skip: skipWithoutApache },
  HAProxy: { start: startHaproxyEdge, skip: skipWithoutHaproxy },
  Caddy: { start: startCaddyEdge, skip: skipWithoutCaddy },
  Cloudflare: { start: startWorkerEdge, skip: false },
  'embedded server': { start: startEmbeddedEdge, skip: false },
};

/** An edge that listens on an address. */
export function httpEdge(name: string, url: string, stop: () => Promise<void>): Edge {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const prefix = new URL(url).pathname.slice(1);
  const ask = async ({ method, target, headers: sent }: WireRequest): Promise<EdgeAnswer> => {
    const { status, headers, body } = await send(url, {
      ...{ method, headers: sent, agent },
      path: prefix === '' ? target : `/${prefix}${target}`,
    });
    const contentEncoding = headers['content-encoding'] ?? '';
    return {
      status,
      body: decode(body, contentEncoding).toString(),
      headers: Object.fromEntries(
        COMPARED_HEADERS.map((name) => [name, String(headers[name] ?? '')]),
      ),
      contentEncoding,
      etag: headers.etag ?? '',
    };
  };
  return {
    name,
    url,
    isServer: true,
    ask: (requests) => Promise.all(requests.map(ask)),
    stop: async () => {
      agent.destroy();
      await stop();
    },
  };
}

function decode(body: Buffer, coding: string): Buffer {
  // An answer without a body names the coding that it would have.
  if (body.length === 0 || coding === '') return body;
  if (coding === 'gzip') return gunzipSync(body);
  if (coding === 'br') return brotliDecompressSync(body);
  throw new Error(`an answer is coded as ${coding}`);
}
