import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BuildSettings } from '../../src/settings/build-settings.ts';
import { skipWithoutNjs } from '../engines/edge-function.ts';
import { startCloudFrontEdge } from '../engines/edges/cloudfront-edge.ts';
import type { Edge, EdgeAnswer } from '../engines/edges/edge.ts';
import { startEmbeddedEdge } from '../engines/edges/embedded-edge.ts';
import { skipWithoutNginx, startNginxEdge } from '../engines/edges/nginx-edge.ts';
import { startWorkerEdge } from '../engines/edges/worker-edge.ts';
import { seededRandom } from '../random.ts';
import { randomCatalog, randomQuery } from '../samples/random-catalog.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';
import { askAll } from './ask-all.ts';
import { compareAnswers } from './compare-answers.ts';
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

/** Each engine, over builds in the forms of files that it can serve. */
const EDGES: readonly {
  readonly name: string;
  readonly form: BuildSettings['compress'];
  readonly skip: string | false;
  readonly start: (out: string) => Promise<Edge>;
}[] = [
  { name: 'CloudFront', form: 'both', skip: skipWithoutNjs, start: startCloudFrontEdge },
  ...(['off', 'gzip', 'both'] as const).map((form) => ({
    name: 'nginx',
    form,
    skip: skipWithoutNginx,
    start: startNginxEdge,
  })),
  { name: 'Cloudflare', form: 'both', skip: false, start: startWorkerEdge },
  { name: 'embedded server', form: 'gzip', skip: false, start: startEmbeddedEdge },
];

describe('Every edge', () => {
  /** The same build in every form. */
  const sites = new Map<BuildSettings['compress'], BuiltSite>();
  let site: BuiltSite;
  let expected: Map<string, EdgeAnswer>;
  /** Each field of each exception that was met. */
  const met = new Set<string>();
  let ran = 0;

  before(async () => {
    for (const form of ['off', 'gzip', 'both'] as const) {
      site = await builtSite(releases, form);
      sites.set(form, site);
    }
    const embedded = await startEmbeddedEdge(site.out);
    expected = await askAll(embedded, REQUESTS, site.id);
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
      const answer = expected.get(name);
      if (status !== undefined) assert.equal(answer?.status, status, name);
    }
  });

  for (const { name, form, skip, start } of EDGES) {
    test(`answers as the embedded server: ${name} over a build with --compress ${form}`, {
      skip,
    }, async (t) => {
      const edge = await start(sites.get(form)?.out ?? '');
      t.after(() => edge.stop());
      const answers = await askAll(edge, REQUESTS, site.id);
      const unexplained: string[] = [];
      let explained = 0;
      for (const request of REQUESTS) {
        const found = answers.get(request.name);
        const wanted = expected.get(request.name);
        if (found === undefined || wanted === undefined) continue;
        for (const { field, ...values } of compareAnswers(request, wanted, found, edge.isServer)) {
          const exception = EXCEPTIONS.find(
            (each) =>
              edge.name.startsWith(each.edge) &&
              each.request.test(request.name) &&
              each.fields.includes(field),
          );
          if (exception) {
            met.add(`${exception.reason}: ${field}`);
            explained++;
          } else {
            const [one, other] = [values.expected, values.found].map((text) => text.slice(0, 90));
            unexplained.push(`${request.name}: ${field} is "${other}", not "${one}"`);
          }
        }
      }
      ran++;
      t.diagnostic(
        `${edge.name}: ${answers.size} requests, ${explained} differences explained, ${unexplained.length} not`,
      );
      assert.deepEqual(unexplained, []);
    });
  }

  test('has no exception that is not met any more', (t) => {
    if (ran < EDGES.length) return t.skip('some edge could not be run');
    const all = EXCEPTIONS.flatMap(({ reason, fields }) =>
      fields.map((field) => `${reason}: ${field}`),
    );
    assert.deepEqual(
      all.filter((each) => !met.has(each)),
      [],
    );
  });
});
