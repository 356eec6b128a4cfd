import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { toEdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';

/** CloudFront has one, too, for `crypto`. */
const require = createRequire(import.meta.url);

/** A request as the function sees it. */
export interface EdgeRequest {
  readonly method: string;
  readonly path: string;
  /** Raw, without `?`. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The function's result: the path of a file, or a response. */
export type EdgeResult =
  | { readonly path: string }
  | { readonly statusCode: number; readonly headers: object; readonly body: string };

/** Runs a CloudFront Function over requests in one engine. */
export type EdgeEngine = (code: string, requests: readonly EdgeRequest[]) => EdgeResult[];

/** In the JavaScript engine of Node. */
export const runInNode: EdgeEngine = (code, requests) => {
  const handler = vm.runInNewContext(`${code};handler`, { require });
  return requests.map((request) => toResult(handler(toEvent(request))));
};

/**
 * Runs a function that reads a KeyValueStore, in the engine of Node.
 *
 * @param values of the store, by their keys without the snapshot's id
 */
export async function runWithStore(
  code: string,
  values: Readonly<Record<string, string>>,
  requests: readonly EdgeRequest[],
): Promise<EdgeResult[]> {
  const [declaration, variable] = /^import (\w+) from\s*["']cloudfront["'];/.exec(code) ?? [
    '',
    'cf',
  ];
  const get = async (key: string) => {
    const value = values[key.slice(key.indexOf('/') + 1)];
    if (value === undefined) throw new Error(`the store has no ${key}`);
    return value;
  };
  const context = { [variable as string]: { kvs: () => ({ get }) }, require };
  const handler = vm.runInNewContext(`${code.slice(declaration.length)};handler`, context);
  const results: EdgeResult[] = [];
  for (const request of requests) results.push(toResult(await handler(toEvent(request))));
  return results;
}

/** In njs, the engine of nginx and the nearest to CloudFront's. */
export const runInNjs: EdgeEngine = (code, requests) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-njs-'));
  try {
    const events = path.join(folder, 'events.json');
    writeFileSync(events, JSON.stringify(requests.map(toEvent)));
    const script = path.join(folder, 'run.js');
    writeFileSync(script, `${code}\n${NJS_LOOP.replace('EVENTS', JSON.stringify(events))}`);
    const { status, stdout, stderr, error } = spawnSync('njs', [script], { maxBuffer: 2 ** 30 });
    if (error) throw error;
    if (status !== 0) throw new Error(`njs failed: ${stdout}${stderr}`);
    const lines = stdout.toString().split('\n').filter(Boolean);
    return lines.map((line) => toResult(JSON.parse(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Whether njs can be run; a reason to skip where it cannot. CI installs it. */
export const skipWithoutNjs =
  spawnSync('njs', ['-v']).error !== undefined && 'needs njs: apt-get install njs';

const NJS_LOOP = `
var fs = require('fs');
var events = JSON.parse(fs.readFileSync(EVENTS).toString());
for (var i = 0; i < events.length; i++) console.log(JSON.stringify(handler(events[i])));
`;

function toEvent({ method, path, query, headers = {} }: EdgeRequest) {
  return toEdgeEvent(method, query === '' ? path : `${path}?${query}`, headers);
}

function toResult(output: { uri?: string; statusCode?: number }): EdgeResult {
  return 'uri' in output ? { path: output.uri as string } : (output as EdgeResult);
}
