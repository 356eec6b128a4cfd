import type { IncomingMessage } from 'node:http';
import { MAX_LINE_BYTES } from '../../header-limits.ts';
import { errorReply, type Reply } from './exchange.ts';

/** A host as nginx accepts it: not empty, without slashes and blanks. */
const HOST = /^(?!:|\.(?::|$)|.*\.\.)[^/\0-\x20\x7f]+$/;

/**
 * What is wrong with a request that Node's parser accepts but nginx, with the configuration of a build, refuses.
 *
 * Source: RFC 9112, sections 3 and 3.2
 */
export function findFault(request: IncomingMessage): Reply | undefined {
  const { method, url, httpVersion, rawHeaders } = request;
  const { length } = `${method}  HTTP/${httpVersion}\r\n`;
  if (length + (url ?? '').length > MAX_LINE_BYTES) {
    return errorReply(414, 'The address of this request is too long.');
  }
  let host: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    if (name.length + value.length + ': \r\n'.length > MAX_LINE_BYTES) {
      return errorReply(431, `The header ${name.slice(0, 40)} is too long.`);
    }
    if (name.length === 4 && name.toLowerCase() === 'host') {
      if (host !== undefined) return errorReply(400, 'The request has more than one Host header.');
      host = value;
    }
  }
  if (host === undefined) {
    return httpVersion === '1.1' ? errorReply(400, 'The request has no Host header.') : undefined;
  }
  return HOST.test(host)
    ? undefined
    : errorReply(400, 'The Host header of the request names no host.');
}
