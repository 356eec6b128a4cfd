import type { EdgeAnswer } from '../engines/edges/edge.ts';
import type { ConformanceRequest } from './requests.ts';

/** Where two answers to one request differ. */
export interface Difference {
  /** `status`, `body`, `etag`, `content-encoding` or a header that is compared. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Compares an answer with that of the embedded server. Of a tag it counts that there is one, of a coding that the client
 * accepts it: each edge makes its own.
 */
export function compareAnswers(
  request: ConformanceRequest,
  expected: EdgeAnswer,
  found: EdgeAnswer,
  isServer: boolean,
): Difference[] {
  const pairs: [field: string, expected: string, found: string][] = [
    ['status', `${expected.status}`, `${found.status}`],
    ['body', expected.body, found.body],
    ...Object.entries(found.headers).map(([name, value]): [string, string, string] => [
      name,
      expected.headers[name] ?? '',
      value,
    ]),
  ];
  if (isServer) {
    pairs.push(['etag', hasTag(expected), hasTag(found)]);
    const accepted = request.headers('')['accept-encoding'] ?? '';
    pairs.push(['content-encoding', 'accepted', codingVerdict(accepted, found)]);
  }
  return pairs
    .filter(([, one, other]) => one !== other)
    .map(([field, one, other]) => ({ field, expected: one, found: other }));
}

const hasTag = ({ etag }: EdgeAnswer) => (/^(W\/)?"[^"]+"$/.test(etag) ? 'a tag' : etag);

function codingVerdict(accepted: string, { contentEncoding }: EdgeAnswer): string {
  const isAccepted =
    contentEncoding === '' ||
    new RegExp(`\\b${contentEncoding}\\b(?!;q=0(?!\\.))`, 'i').test(accepted);
  return isAccepted ? 'accepted' : `${contentEncoding}, not accepted`;
}
