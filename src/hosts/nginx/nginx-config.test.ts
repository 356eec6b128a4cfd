import assert from 'node:assert/strict';
import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { makeCertificates, skipWithoutOpenssl } from '../../../test/engines/certificates.ts';
import { freePort } from '../../../test/engines/free-port.ts';
import { skipWithoutNginx, startNginx } from '../../../test/engines/nginx.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { readBlock } from '../../../test/read-block.ts';
import { builtSite } from '../../../test/sites/built-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { exchangeRaw, openRaw, send } from '../embedded/fixture-client.ts';

/** A catalog of one release; those of descriptions of equal length make files of equal size. */
function catalogWith(description: string) {
  const manifest = { id: 'jira', name: 'Jira', version: '1.0.0', description };
  return parseCatalog(JSON.stringify([{ manifest }]), 'test.json').releases;
}

async function serve(t: TestContext, prepare?: (root: string) => Promise<void>) {
  const site = await builtSite(catalogWith('first'), 'off');
  t.after(site.remove);
  const nginx = await startNginx(site.out, prepare);
  t.after(nginx.stop);
  return { ...nginx, id: site.id };
}

/** Makes an nginx of another server, with some locations of the marketplace. */
async function configureOther(root: string, locations: string): Promise<void> {
  const file = path.join(root, 'nginx.conf');
  const config = await readFile(file, 'utf8');
  const server = `server {
    listen ${/listen (\S+);/.exec(config)?.[1]};
    ${locations}
  }`;
  await writeFile(file, `${config.slice(0, config.indexOf('  server {'))}${server}\n}\n`);
}

/**
 * Makes an nginx that includes conf.d, as the image nginx does, with a file there and a server at which the marketplace is
 * found, too.
 */
async function configureImage(root: string, file: string): Promise<void> {
  const config = path.join(root, 'nginx.conf');
  const own = await readFile(config, 'utf8');
  const listen = /listen (\S+);/.exec(own)?.[1];
  const location = `root ${root}; include ${root}/edge/nginx-location.conf;`;
  await mkdir(path.join(root, 'conf.d'));
  await writeFile(path.join(root, 'conf.d/marketplace.conf'), file);
  await writeFile(
    path.join(root, 'conf.d/default.conf'),
    `server { listen ${listen}; server_name localhost; location / { ${location} } }\n`,
  );
  const head = own.slice(0, own.indexOf('http {')).replace(/^load_module.*/m, '');
  await writeFile(
    config,
    `${head}http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  sendfile on;
  keepalive_timeout 65;
  access_log off;
  ${own.match(/^ *\w+_temp_path .*$/gm)?.join('\n')}
  include ${root}/conf.d/*.conf;
}
`,
  );
}

/** Damages or changes the files of a snapshot in the folder of an nginx. */
async function forEachFile(
  out: string,
  change: (file: string, isGzip: boolean) => Promise<unknown>,
) {
  const { files } = JSON.parse(await readFile(path.join(out, 'snapshot.json'), 'utf8'));
  for (const { path: file, gzip } of files) {
    if (file.startsWith('snapshots/')) await change(file, gzip !== undefined);
  }
}

const PLUGIN = '/api/v1/plugins?plugin_id=jira';

// The request, the status.
const MALFORMED: readonly (readonly [string, string, number])[] = [
  ['garbage', 'hello\r\n\r\n', 400],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['a header without a host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  ['a broken escape', 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a path out of the root', 'GET /../x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  ['an address of 20 KB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  ['a header of 20 KB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['a method that nginx refuses', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 405],
  ['another version', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', 505],
];

describe('nginx with the configuration of a build', { skip: skipWithoutNginx }, () => {
  test('answers in JSON, also without the router', async (t) => {
    const { url } = await serve(t);
    for (const [what, bytes, status] of MALFORMED) {
      const response = await exchangeRaw(url, bytes);
      assert.match(response, new RegExp(`^HTTP/1\\.1 ${status} `), what);
      assert.match(response, /\r\nContent-Type: application\/json\r\n/, what);
      const body = response.slice(response.indexOf('\r\n\r\n') + 4);
      assert.equal(typeof JSON.parse(body).error, 'string', what);
      assert.doesNotMatch(response, /nginx\/\d/, `${what}: it does not show the version`);
    }
    assert.equal((await send(url + PLUGIN)).status, 200, 'and goes on');
  });

  test('answers 405 without waiting for a body, however large', async (t) => {
    const { url } = await serve(t);
    const { socket, waitFor } = await openRaw(url);
    socket.write(`POST ${PLUGIN} HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\nxxx`);
    assert.match(await waitFor(/wrong method/), /^HTTP\/1\.1 405 /);
    socket.destroy();
  });

  test('drops a client that sends its request too slowly', async (t) => {
    const { url } = await serve(t, async (root) => {
      const file = path.join(root, 'edge/nginx-server.conf');
      const text = await readFile(file, 'utf8');
      const limit = /client_header_timeout (\d+)s;/;
      assert.ok(Number(limit.exec(text)?.[1]) <= 10, 'nginx itself waits for a minute');
      await writeFile(file, text.replace(limit, 'client_header_timeout 1s;'));
    });
    const { socket, closed } = await openRaw(url);
    socket.write('GET / HTTP/1.1\r\nHost:');
    assert.match(await closed, /^HTTP\/1\.1 408 .*|^$/);
    assert.equal((await send(url + PLUGIN)).status, 200, 'and goes on');
  });

  test('answers 500 in JSON, without caching, where a file of the build is missing', async (t) => {
    const { url, root, id } = await serve(t);
    await rm(path.join(root, 'snapshots', id, 'api/labels.json'));
    const { status, headers, body } = await send(`${url}/api/v1/labels`);
    assert.equal(status, 500);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(typeof JSON.parse(body.toString()).error, 'string');
  });

  test('distinguishes two builds, even if their files have equal sizes and times', async (t) => {
    const sites = [
      await builtSite(catalogWith('first'), 'off'),
      await builtSite(catalogWith('other'), 'off'),
    ];
    const edges = [];
    for (const site of sites) {
      t.after(site.remove);
      const nginx = await startNginx(site.out, (root) =>
        forEachFile(site.out, (file) => utimes(path.join(root, file), 1e9, 1e9)),
      );
      t.after(nginx.stop);
      edges.push({ nginx, answer: await send(nginx.url + PLUGIN) });
    }
    const [first, other] = edges;
    assert.ok(first && other);
    assert.equal(first.answer.body.length, other.answer.body.length);
    assert.notDeepEqual(first.answer.body, other.answer.body);
    assert.notEqual(first.answer.headers.etag, other.answer.headers.etag);
    // A client must not keep its copy of the first build once the second one is served.
    const conditions = [
      { 'if-none-match': first.answer.headers.etag ?? '' },
      { 'if-modified-since': new Date(1e12).toUTCString() },
    ];
    for (const headers of conditions) {
      const { status, body } = await send(other.nginx.url + PLUGIN, { headers });
      assert.equal(status, 200, JSON.stringify(headers));
      assert.deepEqual(body, other.answer.body, 'docs/design.md, invariant 1: right or refused');
    }
    const known = await send(first.nginx.url + PLUGIN, { headers: conditions[0] ?? {} });
    assert.equal(known.status, 304);
    for (const name of ['content-type', 'content-length']) {
      assert.equal(known.headers[name], undefined, `${name} is that of another body`);
    }
    const ask = `GET ${PLUGIN} HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n`;
    const sent = await exchangeRaw(first.nginx.url, `${ask}\r\n${ask}Connection: close\r\n\r\n`);
    assert.match(sent, /^HTTP\/1\.1 304 .*?\r\n\r\nHTTP\/1\.1 304 .*?\r\n\r\n$/s, 'no body');
  });

  test('a client that does not accept gzip gets the plain file where there is one', async (t) => {
    const site = await builtSite(catalogWith('x'.repeat(2000)), 'both');
    t.after(site.remove);
    // Of the two forms, the compressed one cannot be read.
    const nginx = await startNginx(site.out, (root) =>
      forEachFile(site.out, async (file, isGzip) => {
        if (!isGzip) return;
        await rm(path.join(root, `${file}.gz`)); // a link to the file of the build
        await writeFile(path.join(root, `${file}.gz`), 'damaged');
      }),
    );
    t.after(nginx.stop);
    const plain = await send(nginx.url + PLUGIN);
    assert.deepEqual([plain.status, plain.headers['content-encoding']], [200, undefined]);
    assert.equal(JSON.parse(plain.body.toString())[0].manifest.id, 'jira');
    assert.equal(plain.headers.vary, 'Accept-Encoding');
    const compressed = await send(nginx.url + PLUGIN, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(compressed.body.toString(), 'damaged', 'a compressed file is sent unchanged');
  });

  test('also compresses for a client behind a proxy', async (t) => {
    const site = await builtSite(catalogWith('x'.repeat(2000)), 'off');
    t.after(site.remove);
    const nginx = await startNginx(site.out);
    t.after(nginx.stop);
    for (const more of [{}, { via: '1.1 proxy' }, { via: '1.0 proxy', authorization: 'x' }]) {
      const headers = { 'accept-encoding': 'gzip', ...more };
      const answer = await send(nginx.url + PLUGIN, { headers });
      assert.equal(answer.headers['content-encoding'], 'gzip', JSON.stringify(more));
      assert.equal(answer.headers.vary, 'Accept-Encoding', JSON.stringify(more));
    }
  });

  test('works as part of another server, at its root and below a path', async (t) => {
    const { url } = await serve(t, async (root) => {
      const inside = `root ${root}; include ${root}/edge/nginx-location.conf;`;
      await configureOther(
        root,
        `add_header X-Own yes;
        location /own/ { return 200 own; }
        location /api/ { ${inside} }
        location /marketplace/ { set $marketplace_prefix /marketplace; ${inside} }`,
      );
    });
    const atRoot = await send(url + PLUGIN);
    const below = await send(`${url}/marketplace${PLUGIN}`);
    assert.equal(atRoot.status, 200);
    assert.deepEqual([below.status, below.body], [200, atRoot.body]);
    assert.equal(below.headers['content-type'], 'application/json');
    // Servers up to 5.19 whose MarketplaceURL ends with a slash.
    for (const prefix of ['', '/marketplace']) {
      const { status, body } = await send(url, { path: `${prefix}/${PLUGIN}` });
      assert.deepEqual([status, body], [200, atRoot.body], `${prefix}/${PLUGIN}`);
    }
    assert.equal(
      (await send(`${url}/marketplace/`)).headers['content-type'],
      'text/html; charset=utf-8',
    );
    assert.equal((await send(`${url}/own/`)).body.toString(), 'own');
    // Path, status: the router takes paths as sent.
    const refused: readonly (readonly [string, number])[] = [
      ['/marketplace/api/v1/plugins?page=x', 400],
      ['/marketplace/nowhere', 404],
      ['/own/../marketplace/api/v1/plugins', 404],
      ['//marketplace/api/v1/plugins', 404],
      ['/marketplace/marketplace/api/v1/plugins', 404],
    ];
    for (const [target, expected] of refused) {
      const { status, body } = await send(url, { path: target });
      assert.equal(status, expected, target);
      assert.match(body.toString(), expected === 400 ? /^{"error":/ : /No such page/, target);
    }
    const lost = (await send(`${url}/marketplace/nowhere`)).body.toString();
    assert.match(lost, / src=\/marketplace\/files\/\w{8}\/2>.* href=\/marketplace\/>/);
    const { status, headers } = await send(`${url}/marketplace/about?x=1`);
    assert.deepEqual([status, headers.location], [308, 'about/?x=1']);
  });

  test('works in conf.d alone, with TLS, below a path, as docs/hosting.md says', {
    skip: skipWithoutOpenssl,
  }, async (t) => {
    const port = await freePort();
    const folder = await makeFolder(t);
    const { files, authority: ca } = await makeCertificates(folder, 'IP:127.0.0.1');
    await serve(t, async (root) => {
      const block = await readBlock('docs/hosting.md', 'nginx', 'include /srv/marketplace');
      const server = block
        .replace('listen 443', `listen 127.0.0.1:${port}`)
        .replaceAll('/srv/marketplace', root)
        .replace('/etc/ssl/host.pem', files.cert)
        .replace('/etc/ssl/host.key', files.key);
      await configureImage(root, server);
    });
    const url = `https://127.0.0.1:${port}/marketplace`;
    const { status, body } = await send(url + PLUGIN, { ca });
    assert.equal(status, 200);
    assert.equal(JSON.parse(body.toString())[0].manifest.id, 'jira');
    assert.equal((await send(`${url}/nowhere`, { ca })).status, 404);
    assert.equal((await send(`${url}/api/v1/plugins?filter=x`, { ca })).status, 400);
  });

  test('explains how another server serves the bundles of a pack', async (t) => {
    const { url } = await serve(t, async (root) => {
      const help = await readFile(path.join(root, 'edge/nginx-location.conf'), 'utf8');
      const [, lines = ''] = /# The bundles of a pack.*?\n#\n(.*?)\n#\n/s.exec(help) ?? [];
      const pack = path.join(root, 'pack');
      await mkdir(path.join(pack, 'bundles'), { recursive: true });
      await writeFile(path.join(root, 'secret'), 'secret');
      for (const name of ['a-1.0.0_b.tar.gz', 'incoming-0f3a']) {
        await writeFile(path.join(pack, 'bundles', name), 'a bundle');
      }
      await symlink('../../secret', path.join(pack, 'bundles/link.tar.gz'));
      await configureOther(
        root,
        `location / { root ${root}; include ${root}/edge/nginx-location.conf; }
        ${lines.replace(/^#/gm, '').replaceAll('PACK', pack)}`,
      );
    });
    const { status, headers, body } = await send(`${url}/bundles/a-1.0.0_b.tar.gz`);
    assert.deepEqual([status, body.toString()], [200, 'a bundle']);
    assert.equal(headers['content-type'], 'application/gzip');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    const part = await send(`${url}/bundles/a-1.0.0_b.tar.gz`, { headers: { range: 'bytes=2-3' } });
    assert.deepEqual([part.status, part.body.toString()], [206, 'bu']);
    assert.equal((await send(url + PLUGIN)).status, 200);
    // Path, status.
    const refused: readonly (readonly [string, number])[] = [
      ['/bundles/link.tar.gz', 403],
      ['/bundles/incoming-0f3a', 404],
      ['/bundles/none.tar.gz', 404],
      ['/bundles/', 404],
      ['/bundles/../secret', 404],
      ['/pack.json', 404],
    ];
    for (const [target, expected] of refused) {
      assert.equal((await send(url, { path: target })).status, expected, target);
    }
  });
});
