import vm from 'node:vm';
import { toEdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';
import { digestOf } from '../../src/lib/digests.ts';

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

/** What a function sees in the store that it is associated with, by key. */
export type VisibleKeys = ReadonlyMap<string, string>;

/** The code of a CloudFront Function. It runs in a context that has only the language, and the modules `cloudfront` and `crypto`. */
export class EdgeCode {
  readonly source: string;
  #loaded: vm.Context | undefined;
  #keys: VisibleKeys | undefined;

  constructor(source: string) {
    this.source = source;
  }

  /**
   * Event, keys and output cross as JSON, so the function cannot reach this process.
   *
   * @param keys undefined if the function has no store
   */
  run(event: object, keys?: VisibleKeys): EdgeRun {
    try {
      this.#loaded ??= load(this.source);
      const context = this.#loaded;
      context['eventText'] = JSON.stringify(event);
      if (keys !== this.#keys) context['keysText'] = keys && JSON.stringify([...keys]);
      this.#keys = keys;
      callHandler.runInContext(context);
      // What the handler waited for has come: a context runs its promises before it returns.
      if (context['thrown'] !== undefined) throw context['thrown'];
      const returned = JSON.parse(String(context['returned']));
      const kind = 'statusCode' in returned ? 'response' : 'request';
      return { output: JSON.stringify({ [kind]: returned }), error: '' };
    } catch (error) {
      return { output: '', error: String(error) };
    }
  }

  /** The result of an edge for a request; 503 if the function fails. */
  route(method: string, target: string, keys?: VisibleKeys): Routed {
    const { output } = this.run(toEdgeEvent(method, target, {}), keys);
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

const callHandler = new vm.Script(`
returned = thrown = undefined;
new Promise((resolve) => resolve(handler(JSON.parse(eventText)))).then(
  (value) => { returned = JSON.stringify(value); },
  (error) => { thrown = String(error); },
);`);

/** The module `cloudfront`, as far as routers use it. */
const CLOUDFRONT = `(() => {
  let text, values;
  const exists = async (key) => {
    if (keysText === undefined) throw new Error('the function has no key value store');
    if (keysText !== text) values = new Map(JSON.parse((text = keysText)));
    return values.has(key);
  };
  const get = async (key, { format = 'string' } = {}) => {
    if (!(await exists(key))) throw new Error('KeyNotFound');
    return format === 'json' ? JSON.parse(values.get(key)) : values.get(key);
  };
  return { kvs: () => ({ exists, get }) };
})();`;

/** `crypto`, as far as routers use it. The code of the function reaches nothing of ours: texts go in and out. */
const CRYPTO = `{
  const hash = sha256;
  delete globalThis.sha256;
  globalThis.require = () => ({
    createHash: () => ({ update: (text) => ({ digest: () => hash(String(text)) }) }),
  });
}`;

function load(source: string): vm.Context {
  const options = {
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: 'afterEvaluate',
  } as const;
  const context = vm.createContext(Object.create(null), options);
  context['keysText'] = undefined;
  context['sha256'] = digestOf;
  new vm.Script(CRYPTO).runInContext(context);
  const code = source.replace(
    /^import (\w+) from\s*['"]cloudfront['"];/,
    (_, name) => `const ${name} = ${CLOUDFRONT}`,
  );
  new vm.Script(code, { filename: 'cloudfront-function.js' }).runInContext(context);
  return context;
}
