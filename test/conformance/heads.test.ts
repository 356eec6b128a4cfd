import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { exchangeRaw } from '../../src/hosts/embedded/fixture-client.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { skipWithoutNginx, startNginx } from '../engines/edges/nginx-edge.ts';
import { seededRandom } from '../random.ts';
import { randomCatalog } from '../samples/random-catalog.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';

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
  // shared case raw-utf8-query
  ['an é in UTF-8', ask(`${PLUGINS}?filter=\xc3\xa9`), 200],
  ['an É in UTF-8 in front of what is found', ask(`${PLUGINS}?filter=\xc3\x89cole`), 200],
  ['a ü in an id', ask(`${PLUGINS}?plugin_id=\xc3\xbcn\xc3\xaf/x`), 200],
  ['bytes that are no UTF-8', ask(`${PLUGINS}?filter=\xff\x80&page=0`), 200],
  ['bytes that are no UTF-8 in a key', ask(`${PLUGINS}?\xff=x&plugin_id=todo`), 200],
  ['bytes beside escapes', ask(`${PLUGINS}?filter=%C3\xa9`), 200],
  ['bytes beside an escape that is broken', ask(`${PLUGINS}?filter=%zz\xa9&plugin_id=todo`), 200],
  ['bytes that are no UTF-8 beside a plus', ask(`${PLUGINS}?filter=+\xe2\x82`), 200],
  [
    'marks beside a byte, as long as may be',
    ask(`${PLUGINS}?platform=${'|'.repeat(253)}\xf8`),
    200,
  ],
  ['other marks beside a byte', ask(`${PLUGINS}?platform=\xf8${'"<>\\^`{}'.repeat(31)}`), 200],
  ['85 bytes that are no UTF-8', ask(`${PLUGINS}?platform=${'\xf8'.repeat(85)}`), 200],
  ['86 bytes that are no UTF-8', ask(`${PLUGINS}?platform=${'\xf8'.repeat(86)}`), 400],
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

describe('The head of a request', { skip: skipWithoutNginx }, () => {
  let site: BuiltSite;
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  let server: Awaited<ReturnType<typeof startServer>>;

  before(async () => {
    site = await builtSite(randomCatalog(seededRandom(3)), 'off');
    nginx = await startNginx(site.out);
    server = await startServer({ dir: site.out, host: '127.0.0.1', port: 0, pollMs: 0 });
  });
  after(async () => {
    await server.close();
    await nginx.stop();
    await site.remove();
  });

  for (const [what, head, status] of HEADS) {
    test(`with ${what} is answered ${status} by nginx and by the embedded server`, async () => {
      const bodies: string[] = [];
      for (const { url } of [nginx, server]) {
        const response = await exchangeRaw(url, `${head}Connection: close\r\n\r\n`);
        assert.match(response, new RegExp(`^HTTP/1\\.1 ${status} `), url);
        const body = response.slice(response.indexOf('\r\n\r\n') + 4);
        if (status >= 400) assert.equal(typeof JSON.parse(body).error, 'string', url);
        bodies.push(body);
      }
      // Each words itself what never comes to the router.
      if (status < 400) assert.equal(bodies[0], bodies[1]);
    });
  }
});
