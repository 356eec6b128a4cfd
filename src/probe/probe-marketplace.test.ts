import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { after, describe, type TestContext, test } from 'node:test';
import {
  compareWithRecorded,
  FIXTURE_CORPORA,
  REAL_CORPORA,
  readCorpus,
} from '../../test/corpora.ts';
import { EDGES } from '../../test/engines/edges.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { startLoopback } from '../../test/engines/loopback-server.ts';
import { fakeReference } from '../../test/fakes/fake-reference.ts';
import { seededRandom } from '../../test/random.ts';
import { randomCatalog } from '../../test/samples/random-catalog.ts';
import { builtSite } from '../../test/sites/built-site.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { send } from '../hosts/embedded/fixture-client.ts';
import { startServer } from '../hosts/embedded/start-server.ts';
import { readSnapshot } from '../snapshot/read-snapshot.ts';
import { lookupOf, makeMarketplace, NAME, passOn, probe } from './fixture-probe.ts';
import type { ProbeReport } from './probe-marketplace.ts';

const errorsOf = ({ findings }: ProbeReport) =>
  findings
    .filter(({ level }) => level === 'error')
    .map(({ check, message, examples }) => `${check}: ${message} (${examples[0]})`);

const anything: RequestListener = (_, response) => response.end('a bundle');

/** A catalog whose bundles are all in a store on loopback. */
function moveBundles(releases: readonly Release[], store: string): readonly Release[] {
  const text = JSON.stringify(releases).replaceAll(
    /("download_url":")https?:\/\/[^/"]+/g,
    `$1${store}`,
  );
  const parsed = parseCatalog(text, 'moved.json');
  assert.deepEqual(parsed.problems, []);
  return parsed.releases;
}

describe('A marketplace without faults has none', () => {
  for (const [name, { start, skip }] of Object.entries(EDGES)) {
    if (name === 'CloudFront') continue;
    test(`served by ${name}`, { skip }, async (t) => {
      const store = await startLoopback(t, anything);
      const releases = moveBundles(randomCatalog(seededRandom(3)), store.url);
      const { out, remove } = await builtSite(releases);
      t.after(remove);
      const edge = await start(out);
      t.after(() => edge.stop());
      const { snapshot } = await readSnapshot(out);
      const url = edge.url ?? '';
      const build = { snapshot, label: 'dist' };
      const catalog = { releases, label: 'plugins.json' };
      const report = await probe(t, { url, build, catalog });
      assert.deepEqual(errorsOf(report), []);
      assert.ok(report.isOurs);
      assert.ok(report.servers.offered > 0 && report.servers.installs > 0);
      assert.equal(report.releases, releases.length);
      assert.ok(report.comparedWithBuild > 30, `${report.comparedWithBuild}`);
      t.diagnostic(`${name}: ${report.requests} requests`);
    });
  }
});

describe('The reference service has only its known differences', () => {
  for (const { name, catalog, answers } of [...FIXTURE_CORPORA.slice(0, 3), ...REAL_CORPORA]) {
    test(`over the catalog ${name}`, async (t) => {
      const store = await startLoopback(t, anything);
      const { releases } = parseCatalog(await readFile(catalog, 'utf8'), name);
      const recorded = readCorpus(answers).filter(({ kind }) => kind === 'exact');
      const reference = await startLoopback(t, fakeReference(releases));
      for (const expected of recorded.slice(0, 50)) {
        const { body } = await send(`${reference.url}/api/v1/plugins?${expected.q}`);
        assert.equal(compareWithRecorded(body.toString(), expected), '', expected.q);
      }
      const moved = moveBundles(releases, store.url);
      const { url } = await startLoopback(t, fakeReference(moved));
      const report = await probe(t, { url, catalog: { releases: moved, label: name } });
      assert.equal(report.isOurs, false);
      assert.deepEqual(errorsOf(report), []);
      assert.equal(report.servers.offered > 0, releases.length > 0);
    });
  }
});

const sound = await makeMarketplace({ after });

describe('What a probe sends', () => {
  test('a user and a password go to the marketplace and nowhere else, and are not shown', async (t) => {
    const authorization = `Basic ${Buffer.from('us er:pass:word').toString('base64')}`;
    const seen = new Set<string | undefined>();
    const port = await passOn(t, sound.url, {
      plant: (answer, { headers }) => {
        const given = (headers as Record<string, string>)['authorization'];
        seen.add(given);
        if (given !== authorization) answer.status = 401;
      },
    });
    const url = `http://us%20er:pass%3Aword@127.0.0.1:${port}/`;
    const report = await probe(t, { url });
    assert.deepEqual(errorsOf(report), []);
    assert.deepEqual([...seen], [authorization]);
    assert.doesNotMatch(JSON.stringify(report), /pass|Basic/);
    const elsewhere = sound.requests.filter(({ headers }) => headers.authorization !== undefined);
    assert.deepEqual(elsewhere, [], 'the store of the bundles gets no password');
    const without = await probe(t, { url: `http://127.0.0.1:${port}` });
    assert.match(errorsOf(without).join('\n'), /status: answers 401, expected 200/);
  });

  test('a marketplace below a path is asked there', async (t) => {
    const { url, asked } = await startLoopback(t, async (request, response) => {
      const path = request.url?.replace('/shop', '') ?? '/';
      const { method = 'GET', headers } = request;
      const { connection: _, ...sent } = headers;
      const answer = await send(sound.url, { method, path, headers: sent });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    const report = await probe(t, { url: `${url}/shop///` });
    assert.deepEqual(errorsOf(report), []);
    assert.deepEqual(
      asked.filter((request) => !/^\w+ \/shop\//.test(request)),
      [],
    );
  });

  test('there are no more requests than allowed, and what is left out is counted', async (t) => {
    const report = await probe(t, { url: sound.url, mostRequests: 100 });
    assert.ok(report.requests <= 100, `${report.requests}`);
    assert.ok(report.servers.leftOut > 0);
    assert.deepEqual(errorsOf(report), []);
    const few = await probe(t, { url: sound.url, mostRequests: 20 });
    assert.equal(few.requests, 20);
    const unfinished = few.findings.find(({ check }) => check === 'unfinished');
    assert.equal(unfinished?.level, 'warning');
    assert.match(unfinished?.message ?? '', /more than the 20 allowed$/);
  });
});

describe('A server that does not answer as it should', () => {
  test('cannot be asked where nothing listens', async (t) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await assert.rejects(probe(t, { url }), {
      name: 'UnaskedError',
      message: `${url} refuses the connection: check the address and the network`,
    });
    const missing = async () => {
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    };
    await assert.rejects(probe(t, { url: 'https://nowhere.internal', lookup: missing }), {
      name: 'UnaskedError',
      message: 'https://nowhere.internal names a host that does not exist',
    });
    const plain = new URL(sound.url).port;
    const tls = { url: `https://${NAME}:${plain}`, lookup: lookupOf('127.0.0.1') };
    await assert.rejects(probe(t, tls), { name: 'UnaskedError' });
  });

  test('does not hang the probe where it is silent', async (t) => {
    const { url } = await startLoopback(t, () => {});
    await assert.rejects(probe(t, { url, answerMs: 500 }), {
      name: 'UnaskedError',
      message: `${url} takes longer than 0.5 s, and servers give up: check the address and the network`,
    });
  });

  test('does not hang the probe where it falls silent later, and the rest is not asked', async (t) => {
    let answered = 0;
    const port = await passOn(t, sound.url, {
      plant: () => (answered++ < 10 ? undefined : 'handled'),
    });
    const report = await probe(t, { url: `http://127.0.0.1:${port}`, mostMs: 3000 });
    const found = report.findings.find(({ check }) => check === 'unfinished');
    assert.equal(found?.level, 'error');
    assert.match(found?.message ?? '', /is not asked to the end in 3 s/);
  });

  test('fills no report, whatever it invents', async (t) => {
    let number = 0;
    const { url } = await startLoopback(t, (_, response) => {
      const plugin = () => ({ manifest: { id: `p${number++}${'x'.repeat(2000)}`, version: '1' } });
      const body = JSON.stringify(Array.from({ length: 50 }, plugin));
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    const { findings } = await probe(t, { url });
    assert.ok(findings.length <= 500, `${findings.length}`);
    assert.ok(findings.every(({ message }) => message.length <= 501));
  });
});

test('contents that change in the middle, as in a deploy, are no fault: they are asked for again', async (t) => {
  const { out, remove } = await builtSite(sound.releases.slice(0, 2));
  t.after(remove);
  const other = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => other.close());
  let asked = 0;
  const { url } = await startLoopback(t, async (request, response) => {
    // Somewhere among the lists.
    const upstream = asked++ < 60 ? other.url : sound.url;
    const { method = 'GET', headers } = request;
    const { connection: _, ...sent } = headers;
    const answer = await send(upstream, { method, path: request.url, headers: sent });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  const report = await probe(t, { url });
  assert.deepEqual(errorsOf(report), []);
  assert.equal(report.releases, sound.releases.length);
});

test('a marketplace that has moved to https is asked there, with a warning', async (t: TestContext) => {
  const { url } = await startLoopback(t, (request, response) => {
    response.writeHead(301, { location: `https://127.0.0.1:1${request.url}` }).end();
  });
  const report = await probe(t, { url });
  const moved = report.findings.find(({ check }) => check === 'redirect');
  assert.equal(
    moved?.message,
    'redirects to https://127.0.0.1:1: use that address, in MarketplaceURL too',
  );
});
