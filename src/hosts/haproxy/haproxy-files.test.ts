import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { freePort } from '../../../test/engines/free-port.ts';
import {
  HAPROXY,
  type HaproxyOptions,
  haproxyConfigOf,
  skipWithoutHaproxy,
  startHaproxy,
} from '../../../test/engines/haproxy.ts';
import { readBlock } from '../../../test/read-block.ts';
import { builtSite } from '../../../test/sites/built-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { exchangeRaw, send } from '../embedded/fixture-client.ts';

const JIRA = parseCatalog(
  JSON.stringify([{ manifest: { id: 'jira', name: 'Jira', version: '1.0.0' } }]),
  'test.json',
).releases;

async function serve(t: TestContext, options?: HaproxyOptions) {
  const site = await builtSite(JIRA, 'off');
  t.after(site.remove);
  const haproxy = await startHaproxy(site.out, options);
  t.after(haproxy.stop);
  return { ...site, ...haproxy };
}

describe('HAProxy with the configuration of a build', { skip: skipWithoutHaproxy }, () => {
  test('finds nothing to warn of in it', async (t) => {
    const { out } = await serve(t);
    const checked = spawnSync(HAPROXY ?? '', ['-dW', '-c', '-f', haproxyConfigOf(out)], {
      encoding: 'utf8',
      env: { MARKETPLACE_LISTEN: '127.0.0.1:8085' },
    });
    assert.deepEqual([checked.status, checked.stderr], [0, '']);
  });

  test('answers below a path only, where it has a prefix', async (t) => {
    const { url } = await serve(t, {
      variables: { MARKETPLACE_PREFIX: '/marketplace' },
      prefix: '/marketplace',
    });
    const statuses: Record<string, number> = {
      ...{ '/marketplace/': 200, '/marketplace/api/v1/plugins?plugin_id=jira': 200 },
      ...{ '/marketplace//api/v1/plugins': 200, '/marketplace/nowhere': 404, '/marketplace': 404 },
      ...{ '/api/v1/plugins': 404, '/marketplacex/api/v1/plugins': 404, '/': 404 },
      ...{ '/x/marketplace/api/v1/plugins': 404, '/marketplace/marketplace/api/v1/plugins': 404 },
    };
    for (const [target, status] of Object.entries(statuses)) {
      assert.equal((await send(url + target)).status, status, target);
    }
  });

  test('sends no file of the server behind it but those of the snapshot', async (t) => {
    const { url, id, out } = await serve(t);
    await writeFile(path.join(out, 'secret'), 'secret');
    const paths = ['/secret', '/%73ecret', `/snapshots/${id}/api/labels.json`, '/edge/haproxy/'];
    for (const target of [
      ...paths,
      '/x/../secret',
      '/./secret',
      '/api/v1/labels/../../../secret',
    ]) {
      const response = await exchangeRaw(
        url,
        `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      assert.match(response, /^HTTP\/1\.1 404 .*no such page/is, target);
    }
  });

  test('lets nothing through that the server of files says of itself', async (t) => {
    const { url } = await serve(t);
    const { status, headers } = await send(`${url}/api/v1/labels`, {
      headers: { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT', range: 'bytes=0-1' },
    });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(headers).sort(), [
      ...['access-control-allow-origin', 'cache-control', 'content-length'],
      ...['content-type', 'date', 'etag', 'vary', 'x-content-type-options'],
    ]);
  });

  test('answers with an error in JSON where a file is missing, or the server of files', async (t) => {
    const { url, out, files } = await serve(t);
    await rm(path.join(out, 'snapshots'), { recursive: true });
    const ask = async (...statuses: readonly number[]) => {
      // HAProxy closes a connection that it answered before, without a word: its client is to ask again.
      const response = await send(`${url}/api/v1/labels`, { agent: false });
      const { status } = response;
      assert.ok(statuses.includes(status), `${status}`);
      assert.equal(response.headers['content-type'], 'application/json');
      assert.equal(response.headers['cache-control'], 'no-store');
      assert.equal(JSON.parse(response.body.toString()).status, status);
    };
    await ask(502);
    files.close();
    // 502 on a connection that HAProxy kept.
    await ask(503, 502);
  });

  test('is one of several configurations of an HAProxy that is there', async (t) => {
    const site = await builtSite(JIRA, 'off');
    t.after(site.remove);
    const own = path.join(path.dirname(site.out), 'haproxy.cfg');
    const documented = await readBlock('docs/hosting.md', 'haproxy', 'global\n');
    const frontend = `bind "\${WEB}"\n  http-request return status 200 if { path /mine }`;
    await writeFile(
      own,
      documented.replace(/bind .*/, () => frontend).replace(/ *setenv MARKETPLACE_FILES .*\n/, ''),
    );
    const web = `127.0.0.1:${await freePort()}`;
    const { stop } = await startHaproxy(site.out, {
      configs: [own],
      variables: { WEB: web },
      prefix: '/marketplace',
    });
    t.after(stop);
    assert.equal((await send(`http://${web}/marketplace/api/v1/labels`)).status, 200);
    assert.equal((await send(`http://${web}/mine`)).status, 200);
  });

  test('has tables as large as what differs', async (t) => {
    const { out } = await serve(t);
    const names = await readdir(path.dirname(haproxyConfigOf(out)));
    assert.deepEqual(names.sort(), [
      ...['files.map', 'haproxy.cfg', 'minors.map', 'paths.map', 'states.map', 'steps.map'],
      ...['subjects.map', 'true.map'],
    ]);
    const states = await readFile(
      path.join(path.dirname(haproxyConfigOf(out)), 'states.map'),
      'utf8',
    );
    assert.ok(states.split('\n').length < 40, states);
  });
});
