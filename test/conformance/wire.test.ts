import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchangeRaw, openRaw } from '../../src/hosts/embedded/fixture-client.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { skipWithoutNginx, startNginx } from '../engines/nginx.ts';
import { seededRandom } from '../random.ts';
import { randomCatalog } from '../samples/random-catalog.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';

// Requests sent as raw bytes, because no HTTP client would send them.

const PLUGINS = '/api/v1/plugins';

const line = (bytes: number) => `GET /?${'x'.repeat(bytes - 17)} HTTP/1.1\r\n`;
const header = (bytes: number) => `X: ${'x'.repeat(bytes - 5)}\r\n`;
const hosts = (...names: string[]) => names.map((name) => `Host: ${name}\r\n`).join('');
const ask = (target: string, method = 'GET') => `${method} ${target} HTTP/1.1\r\n${hosts('a')}`;

// Head of a request without its last line break, in Latin-1; status.
const HEADS: readonly (readonly [string, string, number])[] = [
  ['one host', ask('/'), 200],
  ['two hosts', `GET / HTTP/1.1\r\n${hosts('a', 'b')}`, 400],
  ['one host twice', `GET / HTTP/1.1\r\n${hosts('a', 'a')}`, 400],
  ['two hosts in HTTP/1.0', `GET / HTTP/1.0\r\n${hosts('a', 'a')}`, 400],
  ['two hosts in other letters', 'GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n', 400],
  ['two hosts and an absolute address', `GET http://a/ HTTP/1.1\r\n${hosts('a', 'b')}`, 400],
  ['no host', 'GET / HTTP/1.1\r\n', 400],
  ['no host in HTTP/1.0', 'GET / HTTP/1.0\r\n', 200],
  ['no host beside an absolute address', 'GET http://a/ HTTP/1.1\r\n', 400],
  ...['', '/', 'a/b', 'a b', ':80', '.', 'a..b'].map(
    (name) => [`the host "${name}"`, `GET / HTTP/1.1\r\n${hosts(name)}`, 400] as const,
  ),
  ...['a.', 'a:80', '10.0.0.5:8085', '[::1]:80', 'xn--bcher-kva.example'].map(
    (name) => [`the host "${name}"`, `GET / HTTP/1.1\r\n${hosts(name)}`, 200] as const,
  ),
  ['the longest first line', line(16_384) + hosts('a'), 200],
  ['a first line of one byte more', line(16_385) + hosts('a'), 414],
  ['an address of 20 kB', line(20_000) + hosts('a'), 414],
  ['an address of 60 kB', line(60_000) + hosts('a'), 414],
  ['the longest header', `${ask('/')}${header(16_384)}`, 200],
  ['a header of one byte more', `${ask('/')}${header(16_385)}`, 431],
  ['60 kB of headers', `${ask('/')}${header(15_000).repeat(4)}`, 200],
  ['75 kB of headers', `${ask('/')}${header(15_000).repeat(5)}`, 431],
  ['an é in UTF-8', ask(`${PLUGINS}?filter=\xc3\xa9`), 200],
  ['an É in UTF-8 in front of what is found', ask(`${PLUGINS}?filter=\xc3\x89cole`), 200],
  ['a ü in an id', ask(`${PLUGINS}?plugin_id=\xc3\xbcn\xc3\xaf/x`), 200],
  ['bytes that are not UTF-8', ask(`${PLUGINS}?filter=\xff\x80&page=0`), 200],
  ['bytes that are not UTF-8 in a key', ask(`${PLUGINS}?\xff=x&plugin_id=todo`), 200],
  ['bytes beside escapes', ask(`${PLUGINS}?filter=%C3\xa9`), 200],
  ['bytes beside an escape that is broken', ask(`${PLUGINS}?filter=%zz\xa9&plugin_id=todo`), 200],
  ['bytes that are not UTF-8 beside a plus', ask(`${PLUGINS}?filter=+\xe2\x82`), 200],
  [
    'marks beside a byte, as long as may be',
    ask(`${PLUGINS}?platform=${'|'.repeat(253)}\xf8`),
    200,
  ],
  ['other marks beside a byte', ask(`${PLUGINS}?platform=\xf8${'"<>\\^`{}'.repeat(31)}`), 200],
  ['85 bytes that are not UTF-8', ask(`${PLUGINS}?platform=${'\xf8'.repeat(85)}`), 200],
  ['86 bytes that are not UTF-8', ask(`${PLUGINS}?platform=${'\xf8'.repeat(86)}`), 400],
  ['escapes beside a byte', ask(`${PLUGINS}?platform=\xf8${'%7C'.repeat(84)}`), 200],
  ['bytes in what is refused', ask(`${PLUGINS}?page=\xb2`), 400],
  ['bytes in a path', ask('/api/v1/pl\xfcgins'), 404],
  ['bytes in a path and another method', ask('/api/v1/pl\xfcgins', 'POST'), 404],
  ['bytes and another method', ask(`${PLUGINS}?filter=\xc3\xa9`, 'POST'), 405],
  ['bytes, asked for its head', ask(`${PLUGINS}?filter=\xc3\xa9`, 'HEAD'), 200],
  ['bytes that are known', `${ask(`${PLUGINS}?filter=\xc3\xa9`)}If-None-Match: *\r\n`, 304],
  ['bytes and a control character', ask(`${PLUGINS}?filter=\xc3\xa9\x01`), 400],
  ['bytes and a blank', ask(`${PLUGINS}?filter=\xc3\xa9 x`), 400],
  ['a delete character', ask(`${PLUGINS}?filter=\x7f`), 400],
  ['a fragment', ask(`${PLUGINS}?page=0#x`), 400],
];

const LINES = ['GET /api/v1/plugins', 'POST /api/v1/plugins', 'PUT /', 'DELETE /nowhere', 'HEAD /'];

// What is odd, headers, the parts of the body.
const BODIES: readonly (readonly [string, string, readonly string[]])[] = [
  ['a bad chunk', 'Transfer-Encoding: chunked', ['zz\r\n']],
  ['a bad chunk that comes later', 'Transfer-Encoding: chunked', ['', 'zz\r\n']],
  ['a chunk that is too long', 'Transfer-Encoding: chunked', ['1\r\naXX', '\r\n']],
  ['a chunk of a negative length', 'Transfer-Encoding: chunked', ['-1\r\n\r\n']],
  ['a coding that is not chunked', 'Transfer-Encoding: gzip', ['abc']],
  ['chunked, and a coding after it', 'Transfer-Encoding: chunked, gzip', ['0\r\n\r\n']],
  ['a coding that does nothing', 'Transfer-Encoding: identity', ['GET / HTTP/1.1\r\n']],
  ['a coding nobody knows', 'Transfer-Encoding: xchunked', ['0\r\n\r\n']],
  ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked', ['0\r\n\r\n']],
  ['less than its length', 'Content-Length: 10', ['abc']],
  ['a request in its body', 'Content-Length: 30', ['', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n  ']],
];

describe('On the wire', () => {
  let site: BuiltSite;
  const stops: (() => Promise<void>)[] = [];
  const urls = { 'the embedded server': '', nginx: '' };

  before(async () => {
    site = await builtSite(randomCatalog(seededRandom(3)), 'off');
    const embedded = await startServer({ dir: site.out, host: '127.0.0.1', port: 0, pollMs: 0 });
    stops.push(embedded.close, site.remove);
    urls['the embedded server'] = embedded.url;
    if (skipWithoutNginx) return;
    const nginx = await startNginx(site.out);
    stops.unshift(nginx.stop);
    urls.nginx = nginx.url;
  });
  after(async () => {
    for (const stop of stops) await stop();
  });

  for (const [what, head, status] of HEADS) {
    test(`a head with ${what} is answered ${status} by nginx and by the embedded server`, {
      skip: skipWithoutNginx,
    }, async () => {
      const bodies: string[] = [];
      for (const url of Object.values(urls)) {
        const response = await exchangeRaw(url, `${head}Connection: close\r\n\r\n`);
        assert.match(response, new RegExp(`^HTTP/1\\.1 ${status} `), url);
        const body = response.slice(response.indexOf('\r\n\r\n') + 4);
        if (status >= 400) assert.equal(typeof JSON.parse(body).error, 'string', url);
        bodies.push(body);
      }
      // Each has its own words for what never comes to the router.
      if (status < 400) assert.equal(bodies[0], bodies[1]);
    });
  }

  for (const name of ['the embedded server', 'nginx'] as const) {
    const skip = name === 'nginx' && skipWithoutNginx;

    test(`a request gets one answer from ${name}, whatever its body is`, { skip }, async () => {
      const asked = LINES.flatMap((line) =>
        BODIES.map(async ([what, headers, [first = '', ...parts]]) => {
          const request = `${line} HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n${first}`;
          const answers = statuses(await exchange(urls[name], [request, ...parts]));
          return `${line} with ${what}: ${answers.length}`;
        }),
      );
      const found = await Promise.all(asked);
      const once = found.map((line) => line.replace(/\d+$/, '1'));
      assert.deepEqual(found, once);
    });

    test(`the path of its own errors is like any other to ${name}`, { skip }, async () => {
      for (const before of ['', '/.', '/%2e', '/', '/x/..']) {
        const path = `${before}/marketplace-error`;
        const answer = await exchange(urls[name], [`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`]);
        assert.deepEqual(statuses(answer), ['404'], path);
        assert.match(answer, /No such page/, path);
      }
    });
  }

  test('the embedded server sends nothing after a 405, and announces that', async () => {
    for (const rest of ['junk\r\n\r\n', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', '0\r\n\r\n']) {
      for (const method of ['POST', 'PUT', 'PATCH']) {
        const request = `${method} / HTTP/1.1\r\nHost: h\r\n\r\n${rest}`;
        const answer = await exchange(urls['the embedded server'], [request, rest]);
        assert.deepEqual(statuses(answer), ['405'], rest);
        assert.match(answer, /\r\nConnection: close\r\n/, rest);
      }
    }
  });
});

const statuses = (answer: string) =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status ?? '');

/** Sends the parts one after another, and resolves with what came until some time after the first answer. */
async function exchange(url: string, parts: readonly string[]): Promise<string> {
  const { socket, closed, waitFor } = await openRaw(url);
  for (const part of parts) {
    socket.write(part);
    await sleep(50);
  }
  await waitFor(/^HTTP/).catch(() => {});
  await sleep(100);
  socket.end();
  return await closed;
}
