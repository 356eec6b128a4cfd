import vm from 'node:vm';
import { toEdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';

/** The result of a function for an event, as TestFunction reports it. */
export interface EdgeRun {
  /** `{"request": …}` or `{"response": …}`; empty after an error. */
  readonly output: string;
  /** Empty without an error. */
  readonly error: string;
}

/** The result of an edge for a viewer's request: the path to request from the bucket, or a response of its own. */
export type Routed =
  | { readonly uri: string }
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    };

/** The code of a CloudFront Function. It runs in a context that has only the language. */
export class EdgeCode {
  readonly source: string;
  #loaded: vm.Context | undefined;

  constructor(source: string) {
    this.source = source;
  }

  /** Event and output cross as JSON, so the function cannot reach this process. */
  run(event: object): EdgeRun {
    try {
      this.#loaded ??= load(this.source);
      this.#loaded['eventText'] = JSON.stringify(event);
      const returned = JSON.parse(String(callHandler.runInContext(this.#loaded)));
      const kind = 'statusCode' in returned ? 'response' : 'request';
      return { output: JSON.stringify({ [kind]: returned }), error: '' };
    } catch (error) {
      return { output: '', error: String(error) };
    }
  }

  /** The result of an edge for a request; 503 if the function fails. */
  route(method: string, target: string): Routed {
    const { output } = this.run(toEdgeEvent(method, target, {}));
    const { request, response } = JSON.parse(output || '{}');
    if (request !== undefined) return { uri: request.uri };
    const { statusCode = 503, headers = {}, body = 'The function failed.' } = response ?? {};
    return {
      status: statusCode,
      headers: Object.fromEntries(
        Object.entries<{ value: string }>(headers).map(([name, { value }]) => [name, value]),
      ),
      body: Buffer.from(body),
    };
  }
}

const callHandler = new vm.Script('JSON.stringify(handler(JSON.parse(eventText)))');

function load(source: string): vm.Context {
  const codeGeneration = { strings: false, wasm: false };
  const context = vm.createContext(Object.create(null), { codeGeneration });
  new vm.Script(source, { filename: 'cloudfront-function.js' }).runInContext(context);
  return context;
}
