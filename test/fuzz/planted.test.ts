import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readBundle } from '../../src/curation/bundles/read-bundle.ts';
import { UserError } from '../../src/lib/errors.ts';
import { readServerKeys } from '../../src/mattermost/openpgp/key.ts';
import { planSite } from '../../src/site/plan/plan-site.ts';
import { type Edge, startEmbeddedEdge } from '../engines/edges.ts';
import { bundles, packs } from './bundle-targets.ts';
import { builds, catalogs, locks, notices } from './catalog-targets.ts';
import { describeFailure, fuzz } from './fuzz.ts';
import { assertTellable, type FuzzTarget } from './fuzz-target.ts';
import { manifests, records, snapshots, storeKeys } from './publish-targets.ts';
import { queries } from './query-target.ts';
import { keys, signatures } from './signature-targets.ts';
import { TARGETS } from './targets.ts';
import { github, requests, stores, upstreams } from './web-targets.ts';

/** A server that forgets what a search is for where it is sent twice. */
async function startForgetful(out: string): Promise<Edge> {
  const edge = await startEmbeddedEdge(out);
  const forget = (target: string) => target.replace(/([?&]filter=)[^&]*(?=.*&filter=)/, '$1');
  return {
    ...edge,
    name: 'forgetful server',
    ask: (requests) =>
      edge.ask(requests.map((request) => ({ ...request, target: forget(request.target) }))),
  };
}

// For each target a reader that takes what it is given.
const PLANTED: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  queries: () => queries([startEmbeddedEdge, startForgetful]),
  catalogs: () => catalogs((text) => ({ releases: JSON.parse(text), problems: [] })),
  builds: () =>
    builds(async (options) => {
      if (options.releases.length === 1) throw new RangeError('too few releases');
      return await planSite(options);
    }),
  notices: () => notices((text) => ({ notices: JSON.parse(text), problems: [] })),
  locks: () => locks((text) => ({ ...JSON.parse(text), warnings: [] })),
  bundles: () =>
    bundles(async (file, ...rest) => {
      gunzipSync(readFileSync(file));
      return await readBundle(file, ...rest);
    }),
  packs: () => packs(async (at) => JSON.parse(await readFile(path.join(at, 'pack.json'), 'utf8'))),
  snapshots: () => snapshots((text) => JSON.parse(text)),
  manifests: () => manifests((text) => JSON.parse(text)),
  records: () => records(async (bucket) => JSON.parse(String((await bucket.get(''))?.body))),
  storeKeys: () => storeKeys((text) => new Map(Object.entries(JSON.parse(text).keys))),
  signatures: () => signatures(async () => ({ failure: null, notes: [] })),
  keys: () =>
    keys(async ([file = ''], folder) => {
      const bytes = await readFile(path.join(folder, file));
      const [, body] = bytes.toString('latin1').split('\n\n') as [string, string];
      return readServerKeys(Buffer.from(body.trim(), 'base64')).map((key) => ({ key, file }));
    }),
  github: () =>
    github(async (_repo, { github, fetch }) => {
      let next: string | undefined = `${github}/releases`;
      while (next !== undefined) {
        const answer: Response = await fetch(next, { headers: {}, mostBytes: 1e6 });
        next = /<(.*)>/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      return [];
    }),
  upstreams: () =>
    upstreams(async ({ url, web }) => ({
      releases: JSON.parse(await (await web.fetch(url)).text()),
      warnings: [],
    })),
  stores: () =>
    stores(async (web, { store }) => {
      const signature = await (await web.fetch(store)).text();
      return { 'linux-amd64': { download_url: `${store}/x`, signature } };
    }),
  requests: () =>
    requests((text) => {
      const [, repo = ''] = /^### Repository\n\nhttps:\/\/github\.com\/(.*)$/m.exec(text) ?? [];
      return { repository: { repo, author: 'community' }, tag: 'v1.0.0' };
    }),
};

describe('Fuzzing', () => {
  test('has a planted fault for every target', () => {
    assert.deepEqual(Object.keys(PLANTED), Object.keys(TARGETS));
  });

  for (const [name, start] of Object.entries(PLANTED)) {
    test(`finds a careless reader of ${name}`, async (t) => {
      const target = await start();
      t.after(() => target.stop?.());
      const { inputs, failure } = await fuzz(name, target, { seed: 1, milliseconds: 60_000 });
      t.diagnostic(`${inputs} inputs`);
      assert.ok(failure, 'nothing is found');
      const again = await fuzz(name, target, { seed: failure.seed, milliseconds: 0 });
      assert.equal(again.failure?.seed, failure.seed, 'its seed does not repeat it');
    });
  }

  /** A target whose input is a number. */
  const counting = (check: (number: number) => void, batch = 1): FuzzTarget => ({
    samples: [Buffer.from('0')],
    mutate: (random) => Buffer.from(String(random.below(1000))),
    batch,
    check: (inputs) => inputs.map(Number).forEach(check),
  });
  const isOdd = (number: number) => {
    if (number % 2 === 1) throw new TypeError(`it is ${number}`);
  };
  const run = (target: FuzzTarget) => fuzz('numbers', target, { seed: 1, milliseconds: 30_000 });

  test('reports the failing input, as short as possible, and how to repeat it', async () => {
    const { failure } = await run(counting(isOdd, 10));
    assert.ok(failure);
    assert.match(failure.input.toString(), /^[13579]$/);
    const reported = describeFailure('numbers', failure);
    assert.match(reported, /^numbers breaks a promise: TypeError: it is \d+\n/);
    assert.match(reported, new RegExp(`npm run fuzz -- --seed ${failure.seed} numbers$`));
  });

  test('reports inputs in printable ASCII', () => {
    const input = Buffer.from('a\\\x1b[2J\u202e');
    const reported = describeFailure('x', { seed: 1, input, error: new UserError('y') });
    assert.match(reported, /\non 9 bytes: a\\x5c\\x1b\[2J\\xe2\\x80\\xae\n/);
  });

  test('finds a message that steers a terminal, and a printer that lets it', () => {
    for (const text of ['\x1b[2J', '\x9b', 'a\rb', '\u202e', '\u200b', '\ud800', '\x7f', '\0']) {
      assert.throws(
        () => assertTellable(text, (message) => message),
        /steers/,
        JSON.stringify(text),
      );
      assertTellable(text);
    }
    assert.throws(() => assertTellable('x'.repeat(1_000_001)), /1000001 characters/);
  });

  // What a reader does; the report.
  const BREACHES: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'takes long',
      () => {
        for (
          const end = Date.now() + 30_000;
          Date.now() < end && process.cpuUsage(cpu).user < 2.2e6;
        );
      },
      /ms of processor time/,
    ],
    ['takes much memory', () => Buffer.alloc(700 * 2 ** 20, 1), /MiB of memory more/],
    [
      'changes what objects inherit',
      () => Object.assign(Object.prototype, { isAdmin: true }),
      /every object inherits isAdmin/,
    ],
  ];
  const cpu = process.cpuUsage();

  for (const [what, act, reported] of BREACHES) {
    test(`finds a reader that ${what}`, async () => {
      Object.assign(cpu, process.cpuUsage());
      const { failure } = await run(counting(act));
      assert.match(failure?.error.message ?? '', reported);
      assert.equal('isAdmin' in {}, false);
    });
  }

  test('ends a reader that does not, and reports the seed', () => {
    const code = `
      import { fuzz } from ${JSON.stringify(path.join(import.meta.dirname, 'fuzz.ts'))};
      const target = { samples: [Buffer.from('x')], mutate: (_, x) => x, check: () => { for (;;); } };
      await fuzz('loops', target, { seed: 7, milliseconds: 1, hangMs: 500 });`;
    const { signal, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', code],
      { timeout: 60_000 },
    );
    assert.equal(signal, 'SIGKILL');
    assert.match(String(stderr), /^loops does not end: npm run fuzz -- --seed 7 loops$/m);
  });
});
