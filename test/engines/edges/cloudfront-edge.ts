import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { toRequestTarget } from '../../../src/hosts/embedded/connection/to-request-target.ts';
import { readSnapshot } from '../../../src/snapshot/read-snapshot.ts';
import { runInNjs } from '../edge-function.ts';
import type { Edge, EdgeAnswer } from './edge.ts';

/**
 * A build on CloudFront, as far as its documentation tells: the function runs before all else, a response of its own is sent as
 * it stands, and for any other the origin is asked for the path that the function wrote. Of a file there are bytes and content
 * type, with which it was uploaded; what else its answer says is the distribution's.
 */
export async function startCloudFrontEdge(out: string): Promise<Edge> {
  const code = await readFile(path.join(out, 'edge/cloudfront-function.js'), 'utf8');
  const { snapshot } = await readSnapshot(out);
  const files = new Map(snapshot.files.map((file) => [`/${file.path}`, file]));
  const origin = async (uri: string): Promise<EdgeAnswer> => {
    const file = files.get(uri);
    if (file === undefined) throw new Error(`the router names ${uri}, which is not of the build`);
    const body = await readFile(path.join(out, file.path), 'utf8');
    return { status: 200, body, ...modelled({ 'content-type': file.contentType }) };
  };
  return {
    name: 'CloudFront',
    isServer: false,
    ask: async (requests) => {
      const events = requests.map(({ method, target }) => {
        const [uri = '', ...rest] = toRequestTarget(target).split('?');
        return { method, path: uri, query: rest.join('?') };
      });
      const results = runInNjs(code, events);
      return await Promise.all(
        results.map(async (result, i) => {
          const answer = 'path' in result ? await origin(result.path) : toAnswer(result);
          return requests[i]?.method === 'HEAD' ? { ...answer, body: '' } : answer;
        }),
      );
    },
    stop: async () => {},
  };
}

function toAnswer(result: { statusCode: number; headers: object; body: string }): EdgeAnswer {
  const headers = Object.entries(result.headers).map(([name, { value }]) => [name, value]);
  return { status: result.statusCode, body: result.body, ...modelled(Object.fromEntries(headers)) };
}

const modelled = (headers: Record<string, string>) => ({ headers, contentEncoding: '', etag: '' });
