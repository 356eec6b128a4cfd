import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listGithubReleases } from './list-github-releases.ts';

test('of all pages together no more is read than is allowed', async () => {
  const allowed: number[] = [];
  const listing = listGithubReleases('example/plugin', {
    github: 'http://h',
    token: '',
    fetch: async (_url, { mostBytes }) => {
      allowed.push(mostBytes);
      const headers = { 'content-type': 'application/json', 'content-length': String(2 ** 26) };
      const link = allowed.length < 3 ? { link: '<http://h/next>; rel="next"' } : {};
      return new Response('[]', { headers: { ...headers, ...link } });
    },
  });
  assert.deepEqual(await listing, []);
  assert.deepEqual(allowed, [2 ** 28, 2 ** 28 - 2 ** 26, 2 ** 28 - 2 ** 27]);
});
