import { createServer, type Server } from 'node:http';
import { askOrigin, routeAtEdge, type SiteAnswer, type ViewerRequest } from './ask-site.ts';
import type { AwsState } from './aws-state.ts';
import type { EdgeCode } from './edge-code.ts';

/** How the site is seen from outside, where it is not simply what is stored. */
export interface SiteFrontOptions {
  /** After the function's LIVE code changed, so many requests still meet an edge that runs the code before. Default: 0. */
  readonly lagRequests?: number;
  /** Changes answers on their way to the viewer. Default: they arrive as they are. */
  readonly distort?: (request: ViewerRequest, answer: SiteAnswer) => SiteAnswer;
}

/** An HTTP server, not yet listening, that answers as the distribution would. */
export function createSiteFront(readState: () => AwsState, options: SiteFrontOptions): Server {
  const { lagRequests = 0, distort = (_, answer) => answer } = options;
  const codeAtEdge = followLiveCode(readState, lagRequests);
  return createServer((incoming, outgoing) => {
    incoming.resume();
    const { method = '', url: target = '', headers } = incoming;
    const request = { method, target, headers };
    const routed = routeAtEdge(codeAtEdge(), request);
    const answer = 'answer' in routed ? routed.answer : askOrigin(readState(), routed.uri);
    const { status, headers: sent, body } = distort(request, answer);
    outgoing.writeHead(status, { ...sent, 'content-length': body.length });
    outgoing.end(method === 'HEAD' ? undefined : body);
  });
}

/** The code that answers the next request: the LIVE one, or for some requests after it changed the one before. */
function followLiveCode(readState: () => AwsState, lagRequests: number): () => EdgeCode {
  let old = readState().function.stages.LIVE.code;
  let lagged = 0;
  return () => {
    const live = readState().function.stages.LIVE.code;
    if (live !== old && lagged < lagRequests) {
      lagged += 1;
      return old;
    }
    old = live;
    lagged = 0;
    return live;
  };
}
