import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { locateReleases } from '../../catalog/located-release.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { findUnreachable } from './find-unreachable.ts';

test('each URL is asked once, and those that do not answer are problems', async (t) => {
  const server = await startLoopback(t, ({ method, url }, response) => {
    if (url === '/gone') response.writeHead(404).end();
    else if (url === '/no-head' && method === 'HEAD') response.writeHead(405).end();
    else if (url === '/moved') response.writeHead(301, { location: '/ok' }).end();
    else if (url === '/fails') response.writeHead(503).end();
    else response.end('x'.repeat(100_000));
  });
  const at = (name: string) => `${server.url}/${name}`;
  const entry = {
    homepage_url: at('moved'),
    download_url: at('gone'),
    release_notes_url: at('no-head'),
    platforms: { 'linux-amd64': { download_url: at('fails') }, 'linux-arm64': {} },
  };
  const entries = [
    { ...entry, manifest: { id: 'abc', version: '1.0.0' } },
    { ...entry, manifest: { id: 'abd', version: '1.0.0', support_url: at('gone') } },
  ];
  const { releases } = parseCatalog(JSON.stringify(entries), 'a.json');
  const progress: number[] = [];
  const unreachable = await findUnreachable(
    locateReleases([{ file: 'a.json', releases }]),
    impatientWeb(),
    {
      perHost: 2,
      pauseMs: 1,
      onProgress: (asked, total) => progress.push(asked, total),
    },
  );
  assert.deepEqual(
    unreachable.map(({ level, check, path }) => `${level} ${check} ${path}`),
    [
      'error unreachable-bundle [0].download_url',
      'error unreachable-bundle [0].platforms.linux-amd64.download_url',
      'error unreachable-bundle [1].download_url',
      'error unreachable-bundle [1].platforms.linux-amd64.download_url',
      'warning unreachable-page [1].manifest.support_url',
    ],
  );
  assert.match(unreachable[0]?.message ?? '', /^cannot be reached: http.*\/gone answers 404 Not F/);
  assert.equal(server.asked.filter((line) => line === 'HEAD /gone').length, 1);
  const ranged = server.requests.find(({ method, url }) => method === 'GET' && url === '/no-head');
  assert.equal(ranged?.headers.range, 'bytes=0-0');
  assert.deepEqual(progress.slice(-2), [4, 4]);
});
