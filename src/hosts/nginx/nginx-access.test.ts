import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { makeCertificates, skipWithoutOpenssl } from '../../../test/engines/certificates.ts';
import { freePort } from '../../../test/engines/free-port.ts';
import { skipWithoutNginx, startNginx } from '../../../test/engines/nginx.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { readBlock } from '../../../test/read-block.ts';
import { builtSite } from '../../../test/sites/built-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { send } from '../embedded/fixture-client.ts';
import { makePassword, userLine } from '../users.ts';

const { releases } = parseCatalog('[{ "manifest": { "id": "jira", "version": "1.0.0" } }]', 'a');
const password = makePassword();
const headers = {
  authorization: `Basic ${Buffer.from(`servers:${password}`).toString('base64')}`,
};

/** Serves a build for users only. */
async function serve(t: TestContext, change: (config: string) => string) {
  const site = await builtSite(releases, 'off');
  t.after(site.remove);
  const users = path.join(path.dirname(site.out), 'users');
  await writeFile(users, `${userLine('servers', password)}\n`);
  const prepare = async (root: string) => {
    const file = path.join(root, 'nginx.conf');
    await writeFile(file, change(await readFile(file, 'utf8')));
  };
  const nginx = await startNginx(site.out, prepare, false, users);
  t.after(nginx.stop);
  return nginx.url;
}

const TARGETS = ['/', '/plugins/jira/', '/plugins/jira', '/nowhere', '/api/v1/plugins?page=x'];

describe('nginx by the lines of docs/private.md', { skip: skipWithoutNginx }, () => {
  // The network that may ask, with the right password, whether one of both is enough; the statuses with the password and without.
  const networks: readonly (readonly [string, boolean, readonly number[], readonly number[]])[] = [
    ['10.0.0.0/8', false, [403, 403, 403, 403, 403], [403, 403, 403, 403, 403]],
    ['127.0.0.0/8', false, [200, 200, 308, 404, 400], [401, 401, 401, 401, 401]],
    ['127.0.0.0/8', true, [200, 200, 308, 404, 400], [200, 200, 308, 404, 400]],
    ['10.0.0.0/8', true, [200, 200, 308, 404, 400], [401, 401, 401, 401, 401]],
  ];
  for (const [network, isEither, known, unknown] of networks) {
    test(`answers ${network}${isEither ? ' or' : ' with'} the password`, async (t) => {
      const lines = (await readBlock('docs/private.md', 'nginx', '    allow'))
        .replace('10.0.0.0/8', network)
        .concat(isEither ? 'satisfy any;\n' : '');
      const url = await serve(t, (config) =>
        config.replace('      try_files', `${lines}      try_files`),
      );
      const statuses = async (sent: object) =>
        Promise.all(TARGETS.map(async (target) => (await send(url + target, sent)).status));
      assert.deepEqual(await statuses({ headers }), known);
      assert.deepEqual(await statuses({}), unknown);
      assert.equal((await send(`${url}/api/v1/health`)).status, 200);
    });
  }

  test('asks for a certificate of the authority, and takes no other', {
    skip: skipWithoutOpenssl,
  }, async (t) => {
    const [folder, other] = [await makeFolder(t), await makeFolder(t)];
    const [own, foreign] = [
      await makeCertificates(folder, 'IP:127.0.0.1'),
      await makeCertificates(other, 'IP:127.0.0.1'),
    ];
    const lines = await readBlock('docs/private.md', 'nginx', '  ssl_client_certificate');
    const port = await freePort();
    const plain = await serve(t, (config) =>
      config.replace(
        /^( *)listen \S+;\n/m,
        (listen) => `${listen}listen 127.0.0.1:${port} ssl;
ssl_certificate ${own.files.cert};
ssl_certificate_key ${own.files.key};
${lines.replace('/etc/nginx/clients.pem', own.files.authority)}`,
      ),
    );
    assert.ok(plain);
    const url = `https://127.0.0.1:${port}/api/v1/plugins`;
    const ca = own.authority;
    const { key, cert } = own;
    assert.equal((await send(url, { ca, headers })).status, 400);
    assert.equal(
      (await send(url, { ca, headers, key: foreign.key, cert: foreign.cert })).status,
      400,
    );
    assert.equal((await send(url, { ca, headers, key, cert })).status, 200);
    assert.equal((await send(url, { ca, key, cert })).status, 401, 'a password, too');
  });
});
