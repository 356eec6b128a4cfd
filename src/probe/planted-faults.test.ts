import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { skipWithoutOpenssl } from '../../test/engines/certificates.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { builtSite } from '../../test/sites/built-site.ts';
import { startServer } from '../hosts/embedded/start-server.ts';
import {
  certify,
  HANDLED,
  lookupOf,
  makeMarketplace,
  NAME,
  type PassedAnswer,
  type Plant,
  passOn,
  probe,
} from './fixture-probe.ts';
import type { ProbeReport } from './probe-marketplace.ts';
import type { ProbeOptions } from './probe-options.ts';

const sound = await makeMarketplace({ after });
const { releases, snapshot, url: upstream, files, encoded, keys } = sound;
const build = { snapshot, label: 'dist' };
const catalog = { releases, label: 'plugins.json' };
const everything = { build, catalog, maxAgeDays: 30 };

/** Faults only: the store of the tests speaks http, which is a warning. */
const errorsOf = ({ findings }: ProbeReport) => findings.filter(({ level }) => level === 'error');

/** Changes the JSON of an answer, and sends it as it is. */
function rewrite(answer: PassedAnswer, change: (text: string) => string): void {
  const isGzip = answer.headers['content-encoding'] === 'gzip';
  const text = (isGzip ? gunzipSync(answer.body) : answer.body).toString();
  delete answer.headers['content-encoding'];
  answer.body = Buffer.from(change(text));
}

/** Whether a request is for plugins. */
const isList = (target: string) => target.startsWith('/api/v1/plugins?');

/** Does something to answers whose address has a text. */
const where =
  (text: string | RegExp, plant: Plant): Plant =>
  (answer, request, response) =>
    (typeof text === 'string' ? request.target.includes(text) : text.test(request.target))
      ? plant(answer, request, response)
      : undefined;

/** Changes the text of lists that have a text in their address. */
const inLists = (text: string, change: (json: string) => string): Plant =>
  where(text, (answer, { target }) => {
    if (isList(target) && answer.status === 200) rewrite(answer, change);
  });

const setHeader = (name: string, value?: string): Plant => {
  return ({ headers }) => {
    delete headers[name];
    if (value !== undefined) headers[name] = value;
  };
};

const BOMB = gzipSync(Buffer.alloc(70 * 2 ** 20));

/** As where nobody has the catalog. */
const WITHOUT_COMPARISON = { catalog: undefined, build: undefined, keys } as never;

const html = '<!doctype html><title>Sign in</title>';

// What is planted, how, the check that finds it, its message, the options of the probe.
const plants: readonly (readonly [string, Plant, string, RegExp, Partial<ProbeOptions>?])[] = [
  [
    'a snapshot that is stale',
    () => {},
    'stale',
    /is 10 days old, from 2026-05-01, and at most 9/,
    { maxAgeDays: 9 },
  ],
  [
    'a file that is missing',
    where(/plugin_id=com\.example\.paid&/, (answer) => {
      answer.status = 404;
    }),
    'status',
    /answers 404, expected 200/,
  ],
  [
    'a wrong content type',
    setHeader('content-type', 'text/plain'),
    'content-type',
    /"text\/plain"/,
  ],
  [
    'a body that is cut on the way',
    where('server_version=9.', (answer, _, response) => {
      response.writeHead(200, { ...answer.headers, 'content-length': answer.body.length + 10 });
      response.write(answer.body, () => response.destroy());
      return HANDLED;
    }),
    'cut',
    /cut the connection/,
  ],
  [
    'a list that ends too early',
    inLists('server_version=', (json) => json.slice(0, -20)),
    'undecodable',
    /is not JSON/,
  ],
  [
    'a 304 whatever the client has',
    (answer, { headers }) => {
      if (!('if-none-match' in headers)) return;
      answer.status = 304;
      answer.body = Buffer.alloc(0);
    },
    'status',
    /answers 304, expected 200/,
  ],
  [
    'no 304 at all',
    where('/labels', (answer, { headers }) => {
      if (!('if-none-match' in headers)) return;
      answer.status = 200;
      answer.headers['content-type'] = 'application/json';
      answer.body = Buffer.from('[]');
    }),
    'status',
    /answers 200, expected 304/,
  ],
  [
    'an ETag that is never the same',
    (answer) => {
      if ('etag' in answer.headers) answer.headers['etag'] = `"${Math.random()}"`;
    },
    'etag',
    /changes its ETag from request to request/,
  ],
  ['no ETag', setHeader('etag'), 'etag', /lacks an ETag/],
  [
    'gzip without a header',
    where('platform=linux-arm64', (answer) => {
      if (answer.headers['content-encoding'] !== 'gzip') answer.body = gzipSync(answer.body);
      delete answer.headers['content-encoding'];
    }),
    'encoding',
    /is compressed with gzip, and no Content-Encoding says so/,
  ],
  [
    'a sign-in page with status 200',
    where('/api/v1/plugins', (answer) => {
      answer.status = 200;
      answer.headers = { 'content-type': 'text/html' };
      answer.body = Buffer.from(html);
    }),
    'web-page',
    /answers with a web page, expected application\/json/,
  ],
  [
    'a web page that claims to be JSON',
    where('server_version=10.0.0', (answer) => {
      delete answer.headers['content-encoding'];
      answer.body = Buffer.from(html);
    }),
    'web-page',
    /answers with a web page/,
  ],
  [
    'no CORS',
    setHeader('access-control-allow-origin'),
    'cors',
    /lacks Access-Control-Allow-Origin/,
  ],
  ['no nosniff', setHeader('x-content-type-options'), 'nosniff', /lacks X-Content-Type-Options/],
  ['no Vary', setHeader('vary'), 'vary', /lacks Vary/],
  [
    'answers that are cached for a year',
    setHeader('cache-control', 'public, max-age=31536000'),
    'cache-control',
    /max-age=31536000, expected a max-age of at most 3600/,
  ],
  [
    'pages without a policy',
    setHeader('content-security-policy'),
    'page-headers',
    /lacks content-security-policy/,
  ],
  [
    'a plugin that is missing for one server line',
    inLists('server_version=7.8.0', (json) =>
      JSON.stringify(JSON.parse(json).filter((each: { enterprise: boolean }) => each.enterprise)),
    ),
    'missing-plugin',
    /com\.example\.abc@1\.1\.0 is missing: the marketplace's own catalog has it/,
  ],
  [
    'a version above that in the catalog',
    (answer, { target }) => {
      const isOfAll = isList(target) || target === '/catalog.json';
      if (isOfAll && answer.status === 200) {
        rewrite(answer, (json) => json.replaceAll('"version":"3.0.0"', '"version":"3.0.1"'));
        rewrite(answer, (json) => json.replaceAll('"version": "3.0.0"', '"version": "3.0.1"'));
      }
    },
    'other-version',
    /com\.example\.shared has a higher version, "3\.0\.1", than in plugins\.json, "3\.0\.0"/,
  ],
  [
    'other labels',
    inLists('server_version=', (json) => json.replaceAll('"name":"Beta"', '"name":"Stable"')),
    'other-labels',
    /com\.example\.paid@2\.0\.0 has other labels .*"Stable"/,
  ],
  [
    'a signature of another bundle',
    (answer, { target }) => {
      const isOfAll = isList(target) || target === '/catalog.json';
      const [one = '', other = ''] = releases.map(({ signature }) => signature).slice(2);
      if (!isOfAll || answer.status !== 200) return;
      rewrite(answer, (json) =>
        json.replaceAll(one, 'ONE').replaceAll(other, one).replaceAll('ONE', other),
      );
    },
    'bundle-refused',
    /the bundle of com\.example\.paid@2\.0\.0 is not what was signed/,
    WITHOUT_COMPARISON,
  ],
  [
    'a signature that was exchanged in answers only',
    inLists('server_version=', (json) =>
      json.replaceAll(releases[2]?.signature ?? '', releases[3]?.signature ?? ''),
    ),
    'other-signature',
    /com\.example\.paid@2\.0\.0 has other signature than in the marketplace's own catalog/,
  ],
  [
    '500 on one platform',
    where('platform=freebsd-arm64', (answer) => {
      answer.status = 500;
    }),
    'status',
    /answers 500, expected 200/,
  ],
  [
    'the health of another build',
    where('/health', (answer) => {
      rewrite(answer, (json) => json.replace('v1.0.0', 'v0.9.0'));
    }),
    'other-health',
    /\/api\/v1\/health is not that of dist: it is {"releaseID":"v0\.9\.0"/,
  ],
  [
    'the list of another build',
    where('/', (answer, { target }) => {
      if (target === '/') rewrite(answer, (text) => text.replace('Plugins', 'Plug-ins'));
    }),
    'other-build',
    /\/ is not that of dist/,
  ],
  [
    'a redirect to elsewhere',
    where('platform=darwin-amd64', (answer) => {
      answer.status = 302;
      answer.headers['location'] = 'http://127.0.0.1:9/sign-in';
    }),
    'redirect',
    /redirects to http:\/\/127\.0\.0\.1:9/,
  ],
  [
    'an answer that is slow',
    where('/labels', async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
    }),
    'slow',
    /takes longer than 300 ms/,
    { slowMs: 300 },
  ],
  [
    'an answer that never comes',
    where('/about/', () => HANDLED),
    'slow',
    /takes longer than 10 s, and servers give up/,
    { answerMs: 10_000 },
  ],
  [
    'an answer without end',
    where('platform=windows-amd64', (_, __, response) => {
      const more = () => {
        if (!response.destroyed)
          response.write(Buffer.alloc(2 ** 20, 32), () => setImmediate(more));
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      more();
      return HANDLED;
    }),
    'too-large',
    /sends more than the 33554432 bytes allowed/,
  ],
  [
    'a bomb of gzip',
    where('platform=windows-amd64', (answer) => {
      answer.headers['content-encoding'] = 'gzip';
      answer.body = BOMB;
    }),
    'too-large',
    /sends more than the 33554432 bytes allowed/,
  ],
  [
    'more values than fit into memory',
    where('platform=windows-amd64', (answer) => {
      delete answer.headers['content-encoding'];
      answer.body = Buffer.from(`[${'{},'.repeat(500_000)}{}]`);
    }),
    'too-large',
    /has more than 500000 values/,
  ],
  [
    'nesting that no decoder takes',
    where('platform=windows-amd64', (answer) => {
      delete answer.headers['content-encoding'];
      answer.body = Buffer.from('['.repeat(200_000) + ']'.repeat(200_000));
    }),
    'undecodable',
    /./,
  ],
];

async function probePlanted(t: TestContext, plant: Plant, options: Partial<ProbeOptions> = {}) {
  const port = await passOn(t, upstream, { plant });
  return await probe(t, { url: `http://127.0.0.1:${port}`, ...everything, ...options });
}

function assertFound(report: ProbeReport, check: string, message: RegExp) {
  const errors = errorsOf(report);
  const found = errors.find((each) => each.check === check && message.test(each.message));
  const shown = errors.map((each) => `${each.check}: ${each.message}`).join('\n');
  assert.ok(found, `no ${check} that matches ${message} among:\n${shown}`);
}

test('nothing is planted, and nothing found', async (t) => {
  const report = await probePlanted(t, () => {}, { keys });
  assert.deepEqual(errorsOf(report), []);
  assert.equal(report.isOurs, true);
  assert.deepEqual(report.bundles, { asked: 4, verified: 4 });
  const { offered, installable } = report.servers;
  assert.deepEqual([offered, installable], [3, 0], 'the store speaks http');
  const warnings = report.findings.map(({ check }) => check);
  assert.deepEqual([...new Set(warnings)], ['http-download']);
  assert.ok(report.requests < 500, `${report.requests}`);
});

for (const [what, plant, check, message, options] of plants) {
  test(`what is planted is found: ${what}`, async (t) => {
    assertFound(await probePlanted(t, plant, options), check, message);
  });
}

/** The bundle of a plugin in the store. */
const fileOf = (plugin: string) => Object.keys(files).find((name) => name.includes(plugin)) ?? '';

test('what is planted is found: a bundle that is gone', async (t) => {
  const gone = fileOf('shared');
  const bundle = files[gone] as Buffer;
  delete files[gone];
  t.after(() => {
    files[gone] = bundle;
  });
  const report = await probePlanted(t, () => {}, { keys });
  assertFound(report, 'bundle', /shared-3\.0\.0\.tar\.gz answers 404/);
  assert.deepEqual(report.bundles, { asked: 4, verified: 3 }, 'and does not count as verified');
});

test('what is planted is found: a bundle that is sent as if it were encoded', async (t) => {
  const name = fileOf('paid');
  encoded.add(name);
  t.after(() => encoded.delete(name));
  const report = await probePlanted(t, () => {});
  assertFound(report, 'bundle-encoding', /paid-2\.0\.0\.tar\.gz has Content-Encoding: gzip/);
});

test('what is planted is found: bundles that are signed with a key that servers do not have', async (t) => {
  const { keys } = await makeMarketplace(t);
  const report = await probe(t, { url: upstream, keys, mostVerified: 0 });
  assertFound(report, 'other-key', /is signed with the key .*, which is not one of the given keys/);
});

// What is planted, the names of the certificate, whether it has expired, whether its authority is known, check, message.
const certificates: readonly (readonly [string, string, boolean, boolean, string, RegExp])[] = [
  ['nothing', `DNS:${NAME}`, false, true, '', /./],
  ['an expired certificate', `DNS:${NAME}`, true, true, 'certificate-expired', /has expired on/],
  [
    'a certificate of another name',
    'DNS:other.internal',
    false,
    true,
    'certificate-name',
    /is for other\.internal, not for marketplace\.internal/,
  ],
  [
    'a certificate that nobody trusts',
    `DNS:${NAME}`,
    false,
    false,
    'certificate-chain',
    /is not trusted/,
  ],
];

for (const [what, names, isExpired, isKnown, check, message] of certificates) {
  test(`what is planted is found: ${what}, by https`, { skip: skipWithoutOpenssl }, async (t) => {
    const { authority, ...tls } = await certify(await makeFolder(t), isExpired, names);
    const port = await passOn(t, upstream, { tls });
    const options = {
      lookup: lookupOf('127.0.0.1'),
      authorities: isKnown ? [authority] : [],
      now: new Date(Date.now() + 1000),
    };
    const url = `https://${NAME}:${port}`;
    const report = await probe(t, { url, build, catalog, ...options });
    if (check !== '') return assertFound(report, check, message);
    assert.deepEqual(errorsOf(report), []);
    assert.equal(report.certificate?.names, `DNS:${NAME}`);
    const late = { ...options, warnDays: 900 };
    assertFound(await probe(t, { url, ...late }), 'certificate-expires', /in 79\d days/);
    const named = url.replace('//', '//user:secret@');
    const untrusted = probe(t, { url: named, ...options, authorities: [] });
    await assert.rejects(untrusted, (error: Error) => {
      assert.equal(error.name, 'UnaskedError');
      assert.match(error.message, /so the password is not sent/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

test('what is planted is found: a redirect to http', { skip: skipWithoutOpenssl }, async (t) => {
  const { authority, ...tls } = await certify(await makeFolder(t));
  const plant = where('platform=linux-arm64', (answer) => {
    answer.status = 301;
    answer.headers['location'] = `http://${NAME}/`;
  });
  const port = await passOn(t, upstream, { tls, plant });
  const options = { lookup: lookupOf('127.0.0.1'), authorities: [authority], now: new Date() };
  const report = await probe(t, { url: `https://${NAME}:${port}`, ...options });
  assertFound(report, 'redirect', /redirects to http, which is not encrypted/);
});

test('what is planted is found: an older snapshot at one of several addresses', async (t) => {
  const { out, remove } = await builtSite(releases.slice(0, 1));
  t.after(remove);
  const old = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => old.close());
  const port = await passOn(t, upstream);
  await passOn(t, old.url, { listen: { host: '127.0.0.2', port } });
  const lookup = lookupOf('127.0.0.1', '127.0.0.2');
  const report = await probe(t, { url: `http://${NAME}:${port}`, lookup });
  const expected =
    /127\.0\.0\.2 answers otherwise than 127\.0\.0\.1: its newest release is of 2025-01-01T00:00:00Z, not of 2026-05-01/;
  assertFound(report, 'addresses-differ', expected);
});

test('what is planted is found: an address that does not answer', async (t) => {
  const port = await passOn(t, upstream);
  const lookup = lookupOf('127.0.0.1', '127.0.0.3');
  const report = await probe(t, { url: `http://${NAME}:${port}`, lookup });
  assertFound(report, 'unreachable', /refuses the connection, at 127\.0\.0\.3/);
});
