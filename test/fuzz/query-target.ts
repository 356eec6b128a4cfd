import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { toRequestTarget } from '../../src/hosts/embedded/connection/to-request-target.ts';
import { indexCatalog } from '../../src/query/catalog-index.ts';
import { parseFilter } from '../../src/router/request/parse-filter.ts';
import { parseQueryString } from '../../src/router/request/parse-query-string.ts';
import { EDGES, type EdgeAnswer, type StartEdge } from '../engines/edges.ts';
import { evaluatedAnswer } from '../evaluated-answer.ts';
import { type Random, seededRandom } from '../random.ts';
import { randomCatalog, randomQuery } from '../samples/random-catalog.ts';
import { builtSite } from '../sites/built-site.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutateBytes, ODD_TEXTS } from './mutate.ts';

/** Longer ones, escaped, are refused by servers on the way, each in its own words. */
const MOST_BYTES = 5000;

/** Query strings: every engine gives the answer of the evaluator, byte for byte. */
export async function queries(
  engines: readonly StartEdge[] = Object.values(EDGES).map(({ start }) => start),
): Promise<FuzzTarget> {
  const random = seededRandom(3);
  const releases = randomCatalog(random);
  const index = indexCatalog(releases);
  const site = await builtSite(releases);
  const started = await Promise.allSettled(engines.map((start) => start(site.out)));
  const edges = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async () => {
    await Promise.all(edges.map((edge) => edge.stop()));
    await site.remove();
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    samples: Array.from({ length: 200 }, () => Buffer.from(randomQuery(random, releases))),
    mutate: mutateQuery,
    batch: 50,
    check: async (inputs) => {
      const asked = inputs.map((input) => input.toString('latin1'));
      const requests = asked.map((query) => ({
        method: 'GET',
        target: `/api/v1/plugins?${query}`,
        headers: {},
      }));
      const answers = await Promise.all(edges.map((edge) => edge.ask(requests)));
      for (const [i, query] of asked.entries()) {
        const sent = percentEncode(query);
        const body = evaluatedAnswer(index, sent);
        let first: { name: string; reply: unknown[] } | undefined;
        for (const [e, { name, isByRules = false }] of edges.entries()) {
          const answer = answers[e]?.[i] as EdgeAnswer;
          const message = `${name} answers ?${query.slice(0, 200)}`;
          // What rules have to decide, test/conformance/rules.test.ts says.
          if (answer.status === 400 && (isByRules || mayRefuse(name, query))) continue;
          if (answer.status === 400)
            assert.ok(body === null || mayBeUnpublished(sent), `${message}: ${answer.body}`);
          else assert.deepEqual([answer.status, answer.body], [200, body], message);
          const reply = [answer.status, answer.body];
          first ??= { name, reply };
          assert.deepEqual(reply, first.reply, `${message} otherwise than ${first.name}`);
        }
      }
    },
    stop,
  };
}

/** Whether a query asks for all versions of what a text finds, or for odd pages of that or of all versions. */
function mayBeUnpublished(query: string): boolean {
  const filter = parseFilter(query);
  if ('error' in filter) return false;
  const isCut = ![-1, 100].includes(filter.perPage);
  const isSearch = filter.text !== '';
  return (isSearch && isCut) || (filter.allVersions && (isSearch || isCut));
}

/** Whether an engine sees a query otherwise than it was sent, and so refuses some that others answer. */
function mayRefuse(name: string, query: string): boolean {
  if (name === 'CloudFront') return isSpeltTwice(percentEncode(query));
  // Cloudflare escapes these marks and replaces invalid UTF-8 before the worker sees it, which makes a value longer.
  return (
    name.startsWith('Cloudflare') && (/["'<>]/.test(query) || !isUtf8(Buffer.from(query, 'latin1')))
  );
}

/** An event of CloudFront does not show which of two spellings of a key came first. */
function isSpeltTwice(query: string): boolean {
  const spellings = new Set(query.split('&').map((pair) => pair.split('=')[0] ?? ''));
  const keys = [...spellings].flatMap((spelling) => Object.keys(parseQueryString(spelling) ?? {}));
  return new Set(keys).size < keys.length;
}

/** Values, keys and escapes of a query, then now and then its bytes. */
function mutateQuery(random: Random, sample: Buffer): Buffer {
  const pairs = sample.toString().split('&');
  for (let edits = random.below(4); edits > 0; edits--) {
    const at = random.below(pairs.length);
    const [key = '', value = ''] = (pairs[at] ?? '').split('=');
    const odd = Buffer.from(random.pick(ODD_TEXTS)).toString();
    const text = random.pick([encodeURIComponent(odd), odd]);
    const kind = random.below(7);
    if (kind === 0) pairs[at] = `${key}=${text}`;
    else if (kind === 1) pairs[at] = `${key}=${value}${text}`;
    else if (kind === 2) pairs[at] = `${key}=${text}${value}`;
    else if (kind === 3) pairs[at] = `${escapeAll(key)}=${escapeAll(value)}`;
    else if (kind === 4) pairs.splice(at, 0, random.pick(pairs));
    else if (kind === 5) pairs.splice(at, 0, `${text}=${value}`);
    else pairs.splice(at, 1);
    if (pairs.length === 0) pairs.push('');
  }
  const query = Buffer.from(pairs.join('&'));
  const bytes = random.chance(0.3) ? mutateBytes(random, query) : query;
  // The rest ends a request line, or never gets into one; and nginx cannot know how long an original U+FFFD was.
  const sent = bytes.filter((byte) => byte > 0x20 && byte !== 0x7f && byte !== 0x23);
  const text = Buffer.from(sent.subarray(0, MOST_BYTES)).toString('latin1');
  return Buffer.from(text.replaceAll('\xef\xbf\xbd', ''), 'latin1');
}

/** With a slash in front, for a query that begins like an address is none. */
const percentEncode = (query: string) => toRequestTarget(`/${query}`).slice(1);

const escapeAll = (text: string) =>
  Buffer.from(text).reduce((all, byte) => `${all}%${byte.toString(16)}`, '');
