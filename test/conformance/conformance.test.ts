import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { UNDECIDED_BODY } from '../../src/hosts/rules/fixed-files.ts';
import { errorHeaders } from '../../src/router/headers/headers.ts';
import { EDGES, type Edge, type EdgeAnswer, startEmbeddedEdge } from '../engines/edges.ts';
import { seededRandom } from '../random.ts';
import { randomCatalog, randomQuery } from '../samples/random-catalog.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { CONFORMANCE_REQUESTS, type ConformanceRequest } from './requests.ts';

const random = seededRandom(3);
const releases = randomCatalog(random);

const REQUESTS: readonly ConformanceRequest[] = [
  ...CONFORMANCE_REQUESTS,
  ...Array.from({ length: 300 }, (_, i) => ({
    name: `random ${i}`,
    method: random.pick(['GET', 'GET', 'GET', 'HEAD']),
    target: `/api/v1/plugins?${randomQuery(random, releases)}`,
    headers: () => ({}),
    isForServers: false,
  })),
];

const FORMS = ['off', 'gzip', 'both'] as const;

// Edge, the forms of files that a build is served in.
const SERVED: readonly (readonly [string, (typeof FORMS)[number]])[] = [
  ['CloudFront', 'both'],
  ...FORMS.map((form) => ['nginx', form] as const),
  ...FORMS.map((form) => ['rules of nginx', form] as const),
  ...FORMS.map((form) => ['Apache', form] as const),
  ['HAProxy', 'off'],
  ['HAProxy', 'both'],
  ['Caddy', 'off'],
  ['Caddy', 'both'],
  ['Cloudflare', 'both'],
  ['embedded server', 'gzip'],
];

describe('Every edge', () => {
  /** The same build in every form. */
  const sites = new Map<string, BuiltSite>();
  let site: BuiltSite;
  let expected: Map<string, EdgeAnswer>;
  /** Each field of each exception that was met. */
  const met = new Set<string>();
  let ran = 0;

  before(async () => {
    for (const form of FORMS) {
      site = await builtSite(releases, form);
      sites.set(form, site);
    }
    const embedded = await startEmbeddedEdge(site.out);
    expected = await askAll(embedded, site);
    await embedded.stop();
  });
  after(() => Promise.all([...sites.values()].map((each) => each.remove())));

  test('is asked for folders with every character that a name may hold', async () => {
    const names = await readdir(path.join(site.out, 'snapshots', site.id, 'api/plugins'));
    assert.match(names.join(' '), /[(].*[)]/);
    assert.match(names.join(' '), /!/);
  });

  test('is compared with an embedded server that answers as it should', () => {
    assert.equal(expected.size, REQUESTS.length, 'names are given once');
    for (const { name, status } of REQUESTS) {
      if (status !== undefined) assert.equal(expected.get(name)?.status, status, name);
    }
  });

  for (const [name, form] of SERVED) {
    const { start, skip = false } = EDGES[name] ?? {};
    test(`answers as the embedded server: ${name} over a build with --compress ${form}`, {
      skip,
    }, async (t) => {
      assert.ok(start);
      const edge = await start(sites.get(form)?.out ?? '');
      t.after(() => edge.stop());
      const answers = await askAll(edge, site);
      const differences = REQUESTS.flatMap((request) =>
        compareAnswers(request, expected.get(request.name), answers.get(request.name), edge),
      );
      const unexplained = differences.filter(({ request, field }) => {
        const exception = EXCEPTIONS.find(
          (each) =>
            name.endsWith(each.edge) && each.request.test(request) && each.fields.includes(field),
        );
        if (exception) met.add(`${exception.reason}: ${field}`);
        return !exception;
      });
      ran++;
      t.diagnostic(
        `${edge.name}: ${answers.size} requests, ${differences.length} differences, ${unexplained.length} unexplained`,
      );
      assert.deepEqual(unexplained, []);
    });
  }

  test('has no exception that is not met any more', (t) => {
    if (ran < SERVED.length) return t.skip('some edge could not be run');
    const all = EXCEPTIONS.flatMap(({ reason, fields }) =>
      fields.map((field) => `${reason}: ${field}`),
    );
    const unmet = all.filter((each) => !met.has(each));
    assert.deepEqual(unmet, []);
  });
});

/** The answers of an edge, by the requests' names, without those that it leaves out. */
async function askAll(edge: Edge, { id, digest }: BuiltSite): Promise<Map<string, EdgeAnswer>> {
  const asked = REQUESTS.filter(({ isForServers }) => edge.isServer || !isForServers);
  const targetOf = ({ target }: ConformanceRequest) =>
    target.replace('SNAPSHOT', id).replace('DIGEST', digest);
  // A condition needs this edge's own tag, so the request is first sent without it.
  const conditional = asked.filter((request) => 'if-none-match' in request.headers(''));
  const plain = await edge.ask(
    conditional.map((request) => {
      const { 'if-none-match': _, ...headers } = request.headers('');
      return { method: 'GET', target: targetOf(request), headers };
    }),
  );
  const tags = new Map(conditional.map((request, i) => [request, plain[i]?.etag]));
  const answers = await edge.ask(
    asked.map((request) => ({
      method: request.method,
      target: targetOf(request),
      headers: request.headers(tags.get(request) ?? ''),
    })),
  );
  assert.equal(answers.length, asked.length, 'every request is answered');
  return new Map(asked.map(({ name }, i) => [name, answers[i] as EdgeAnswer]));
}

/**
 * The differences between an answer and that of the embedded server. A tag must exist, and a coding must be accepted by the
 * client: each edge makes its own.
 */
function compareAnswers(
  request: ConformanceRequest,
  routed: EdgeAnswer | undefined,
  found: EdgeAnswer | undefined,
  { isServer, isByRules = false }: Edge,
) {
  if (routed === undefined || found === undefined) return [];
  const wanted =
    isByRules && isRefusal(request, routed, found)
      ? {
          ...routed,
          status: 400,
          body: found.body,
          headers: errorHeaders(UNDECIDED_BODY),
          etag: '',
        }
      : routed;
  const pairs: [field: string, wanted: string, found: string][] = [
    ['status', `${wanted.status}`, `${found.status}`],
    ['body', wanted.body, found.body],
    ...Object.entries(found.headers).map(([name, value]): [string, string, string] => [
      name,
      wanted.headers[name] ?? '',
      value,
    ]),
  ];
  if (isServer) {
    const accepted = request.headers('')['accept-encoding'] ?? '';
    pairs.push(['etag', describeTag(wanted), describeTag(found)]);
    pairs.push(['content-encoding', 'accepted', describeCoding(accepted, found)]);
  }
  return pairs
    .filter(([, one, other]) => one !== other)
    .map(([field, one, other]) => {
      const [wanted, found] = [one.slice(0, 90), other.slice(0, 90)];
      return { request: request.name, field, wanted, found };
    });
}

/** What rules decide: ids and versions that need no escapes but that of build metadata, and no page size but 100. */
const DECIDED =
  /^\/+api\/v1\/plugins(\?(server_version=[\w.-]{0,190}(%2B[\w.-]*)?|per_page=(100|-1)?|filter=|page=\d{0,15}|(?!server_version|per_page|filter|page)[a-z_]+=[\w.~-]{0,190})(&|$))*$/;

/**
 * Whether an answer is a refusal that may stand for what the router answers: rules refuse what they cannot decide, but nothing
 * that servers send.
 */
function isRefusal(
  { method, target }: ConformanceRequest,
  routed: EdgeAnswer,
  found: EdgeAnswer,
): boolean {
  const isJson = method === 'HEAD' ? found.body === '' : found.body.startsWith('{"error":');
  if (found.status !== 400 || !isJson) return false;
  return routed.status === 400 || (routed.status === 200 && !DECIDED.test(target));
}

const describeTag = ({ etag }: EdgeAnswer) => (/^(W\/)?"[^"]+"$/.test(etag) ? 'a tag' : etag);

function describeCoding(accepted: string, { contentEncoding }: EdgeAnswer): string {
  const isAccepted =
    contentEncoding === '' ||
    new RegExp(`\\b${contentEncoding}\\b(?!;q=0(?!\\.))`, 'i').test(accepted);
  return isAccepted ? 'accepted' : `${contentEncoding}, not accepted`;
}
