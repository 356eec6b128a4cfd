import type { Edge, EdgeAnswer } from '../engines/edges/edge.ts';
import type { ConformanceRequest } from './requests.ts';

/** What an edge answers, by the requests' names; those that it leaves out are missing. */
export async function askAll(
  edge: Edge,
  requests: readonly ConformanceRequest[],
  snapshotId: string,
): Promise<Map<string, EdgeAnswer>> {
  const asked = requests.filter(({ isForServers }) => edge.isServer || !isForServers);
  const targetOf = ({ target }: ConformanceRequest) => target.replace('SNAPSHOT', snapshotId);
  // Those with conditions need the tag that their edge gives, so each is asked without them before.
  const plain = await edge.ask(
    asked.map((request) => {
      const { 'if-none-match': _, ...headers } = request.headers('');
      return { method: 'GET', target: targetOf(request), headers };
    }),
  );
  const answers = await edge.ask(
    asked.map((request, i) => ({
      method: request.method,
      target: targetOf(request),
      headers: request.headers(plain[i]?.etag ?? ''),
    })),
  );
  return new Map(asked.map(({ name }, i) => [name, answers[i] as EdgeAnswer]));
}
