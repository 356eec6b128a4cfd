import { digestOf } from '../../../lib/digests.ts';
import {
  isOneOf,
  isOpen,
  textsToHash,
  UNAUTHORIZED,
  UNAUTHORIZED_HEADERS,
} from '../../../router/access.ts';
import { errorHeaders } from '../../../router/headers/headers.ts';
import type { Exchange, Reply } from './exchange.ts';

const { status } = UNAUTHORIZED;
const body = Buffer.from(UNAUTHORIZED.body);

const REFUSAL: Reply = {
  status,
  headers: Object.entries({
    ...errorHeaders(UNAUTHORIZED.body),
    ...UNAUTHORIZED_HEADERS,
    'Content-Length': String(body.length),
  }).flat(),
  body,
};

/**
 * The answer to a request that no user has sent; undefined where one has, or nobody needs to.
 *
 * @param users of the routing table
 */
export function findStranger(users: string | undefined, exchange: Exchange): Reply | undefined {
  if (users === undefined || isOpen(exchange.target.replace(/\?.*/s, ''))) return undefined;
  const hashes = textsToHash(users, exchange.request.headers.authorization ?? '').map(digestOf);
  return isOneOf(users, hashes) ? undefined : REFUSAL;
}
