import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Site } from '../site/load-site.ts';
import { toSiteFile } from '../site/site-file.ts';
import { route } from './route.ts';

const sha256 = '0'.repeat(64);
const listed = { path: 'snapshots/ab/a.json', size: 2, sha256, contentType: 'application/json' };

/** What a site makes of this, whatever is asked. */
const ask = (routed: ReturnType<Site['router']>) =>
  route(
    {
      id: 'ab',
      root: '/nowhere',
      router: () => routed,
      files: new Map([[`/${listed.path}`, toSiteFile(listed)]]),
      fingerprint: '',
    },
    'GET',
    '/a?b=c',
  );

test('a refusal is passed on, with its headers', () => {
  const headers = { 'x-own': 'the own', 'content-type': 'the type' };
  const routed = ask({ status: 400, headers, body: 'x' });
  assert.ok('reply' in routed);
  assert.equal(routed.reply.status, 400);
  assert.deepEqual(routed.reply.headers, ['x-own', 'the own', 'content-type', 'the type']);
  assert.equal(routed.reply.body.toString(), 'x');
});

test('a file that is listed is sent', () => {
  const found = ask({ path: `/${listed.path}` });
  assert.equal('file' in found && found.file.path, listed.path);
});

for (const path of ['/snapshots/ab/ghost.json', listed.path, '/snapshots/ab/../../etc/passwd']) {
  test(`a table that leads to ${path} is not believed`, () => {
    assert.throws(() => ask({ path }), /names .*, which snapshot\.json does not list/);
  });
}
