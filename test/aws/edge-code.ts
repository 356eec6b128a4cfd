import vm from 'node:vm';
import type { EdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';

/** A request as the function handed it back. */
export interface EdgeRequestOutput {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Readonly<Record<string, { value: string }>>;
  readonly headers: Readonly<Record<string, { value: string }>>;
  readonly cookies: Readonly<Record<string, { value: string }>>;
}

/** A response that the function made itself. */
export interface EdgeResponseOutput {
  readonly statusCode: number;
  readonly statusDescription?: string;
  readonly headers: Readonly<Record<string, { value: string }>>;
  readonly cookies: Readonly<Record<string, { value: string }>>;
  readonly body?: string;
}

/** What became of an event, with what the function wrote by `console.log`. */
export type EdgeRun = { readonly logs: readonly string[] } & (
  | { readonly request: EdgeRequestOutput }
  | { readonly response: EdgeResponseOutput }
  | { readonly error: string }
);

/**
 * The code of a CloudFront Function, as an immutable value that can be run. It is evaluated once, in a context that has the
 * language and nothing else: no timers, no network, no `eval` (CloudFront Developer Guide, "JavaScript runtime 2.0
 * features").
 */
export class EdgeCode {
  readonly source: string;
  #loaded: vm.Context | undefined;

  constructor(source: string) {
    this.source = source;
  }

  /**
   * Runs the function on a viewer-request event. Whatever it does wrong comes back as `error`.
   *
   * @param limitMs to cut off a function that does not end; watching for it takes six times as long as to run one
   */
  run(event: EdgeEvent, limitMs?: number): EdgeRun {
    const limit = limitMs === undefined ? {} : { timeout: limitMs };
    // Event and output cross as JSON, so that nothing of this process can be reached or changed.
    try {
      this.#loaded ??= load(this.source, limit);
      this.#loaded['eventText'] = JSON.stringify(event);
      const output: unknown = runFunction.runInContext(this.#loaded, limit);
      const logs = takeLogs(this.#loaded);
      return typeof output === 'string'
        ? { ...checkOutput(JSON.parse(output)), logs }
        : { error: 'The function returned nothing.', logs };
    } catch (error) {
      // Errors of the function's own context are no instances of this one's Error.
      return { error: String(error), logs: this.#loaded ? takeLogs(this.#loaded) : [] };
    }
  }
}

/** In a function, so that the source may use every name itself. */
const prelude = new vm.Script(`(() => {
  const logs = [];
  globalThis.console = { log(line) { logs.push(String(line)); } };
  globalThis.takeLogs = () => JSON.stringify(logs.splice(0));
})()`);
const runFunction = new vm.Script('JSON.stringify(handler(JSON.parse(eventText)))');

function load(source: string, limit: vm.RunningScriptOptions): vm.Context {
  const context = vm.createContext(Object.create(null), {
    codeGeneration: { strings: false, wasm: false },
  });
  prelude.runInContext(context);
  new vm.Script(source, { filename: 'cloudfront-function.js' }).runInContext(context, limit);
  return context;
}

const takeLogs = (context: vm.Context): string[] => JSON.parse(context['takeLogs']());

/** What a viewer-request function may return ("Event structure" in the Developer Guide). */
function checkOutput(output: {
  [field: string]: unknown;
}): { request: EdgeRequestOutput } | { response: EdgeResponseOutput } | { error: string } {
  const common = { headers: output?.['headers'] ?? {}, cookies: output?.['cookies'] ?? {} };
  if (!isTableOfValues(common.headers) || !isTableOfValues(common.cookies)) {
    return { error: 'The function returned headers or cookies that are not {name: {value}}.' };
  }
  const { headers, cookies } = common;
  if (output && 'statusCode' in output) {
    const { statusCode, body } = output;
    if (!Number.isInteger(statusCode)) return { error: 'The statusCode is not an integer.' };
    if (body !== undefined && typeof body !== 'string') return { error: 'The body is no string.' };
    return { response: { ...output, statusCode: statusCode as number, headers, cookies } };
  }
  const { uri, method, querystring = {} } = output ?? {};
  if (typeof uri !== 'string' || !uri.startsWith('/')) {
    return { error: 'The function returned neither a response nor a request whose uri has a /.' };
  }
  if (typeof method !== 'string') return { error: 'The request has no method.' };
  if (!isTableOfValues(querystring)) return { error: 'The querystring is not {name: {value}}.' };
  return { request: { method, uri, querystring, headers, cookies } };
}

function isTableOfValues(table: unknown): table is Record<string, { value: string }> {
  return (
    typeof table === 'object' &&
    table !== null &&
    Object.values(table).every((entry: { value?: unknown }) => typeof entry?.value === 'string')
  );
}
