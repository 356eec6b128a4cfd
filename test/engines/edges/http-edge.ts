import http from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { send } from '../../../src/hosts/embedded/fixture-client.ts';
import { COMPARED_HEADERS, type Edge, type EdgeAnswer, type WireRequest } from './edge.ts';

/** An edge that listens on an address. */
export function httpEdge(name: string, url: string, stop: () => Promise<void>): Edge {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  return {
    name,
    isServer: true,
    ask: (requests) => Promise.all(requests.map((request) => askOver(agent, url, request))),
    stop: async () => {
      agent.destroy();
      await stop();
    },
  };
}

async function askOver(agent: http.Agent, url: string, request: WireRequest): Promise<EdgeAnswer> {
  const { method, target: path } = request;
  const { status, headers, body } = await send(url, { ...request, method, path, agent });
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
}

function decode(body: Buffer, coding: string): Buffer {
  // An answer without a body names the coding that it would have.
  if (body.length === 0 || coding === '') return body;
  if (coding === 'gzip') return gunzipSync(body);
  if (coding === 'br') return brotliDecompressSync(body);
  throw new Error(`an answer is coded as ${coding}`);
}
