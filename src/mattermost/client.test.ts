import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePlugin, listPlugins, ServerError } from './client.ts';
import type { MattermostServer } from './requests.ts';

function server(version: string): MattermostServer {
  return {
    version,
    platform: 'linux-amd64',
    isEnterpriseBuild: true,
    hasEnterprisePlugins: true,
    isCloud: false,
  };
}

const answer =
  (body: unknown, status = 200) =>
  async () => ({
    status,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const entry = (id: string, version: string) => ({ manifest: { id, version } });

test('a list holds each id once, the later entry, and passes over entries without a manifest', async () => {
  const body = [entry('a', '1.0.0'), {}, entry('b', '1.0.0'), entry('a', '2.0.0')];
  const listed = await listPlugins(server('9.0.0'), answer(body));
  const names = listed.map(({ manifest }) => `${manifest.id}@${manifest.version}`);
  assert.deepEqual(names, ['a@2.0.0', 'b@1.0.0']);
});

test('a body without a list is an error that the administrator sees', async () => {
  // [body, status, error]
  const cases: [unknown, number, RegExp][] = [
    [[null], 200, /null among its plugins/],
    [[], 204, /status 204/],
    [[], 304, /status 304/],
    [[], 500, /status 500/],
    ['<html>', 200, /is not JSON/],
    [{ error: 'x' }, 200, /an object/],
    [[{ manifest: { version: 1 } }], 200, /a number/],
  ];
  for (const [body, status, expected] of cases) {
    await assert.rejects(listPlugins(server('9.0.0'), answer(body, status)), (error) => {
      assert.ok(error instanceof ServerError);
      assert.match(error.message, expected);
      return true;
    });
  }
});

test('each server line chooses what to install in its own way', async () => {
  const [a1, a2, b2] = [entry('a', '1.0.0'), entry('a', '2.0.0'), entry('b', '2.0.0')];
  // [server, answer, clicked version of the plugin a, what is installed or the error]
  const cases: [string, unknown[], string, string | RegExp][] = [
    ['5.17.0', [a1], '1.0.0', /install no plugin/],
    ['5.18.0', [b2, a1], '1.0.0', 'a@1.0.0'],
    ['5.18.0', [b2, a2], '2.0.0', 'b@2.0.0'],
    ['5.31.0', [b2, a2], '2.0.0', 'b@2.0.0'],
    ['5.32.0', [a2, a1], '1.0.0', 'a@1.0.0'],
    ['6.4.0', [a2], '1.0.0', /a@1\.0\.0 is not found/],
    ['6.5.0', [a2], '1.0.0', 'a@2.0.0'],
    ['11.0.0', [b2], '1.0.0', 'b@2.0.0'],
    ['11.0.0', [a2, a1], '2.0.0', /has 2 plugins, not 1/],
    ['11.0.0', [], '1.0.0', /is not found/],
    ['11.0.0', [{}], '1.0.0', /is not found/],
  ];
  for (const [version, body, clicked, expected] of cases) {
    const about = `server ${version}, ${JSON.stringify(body)}`;
    const chosen = choosePlugin(server(version), 'a', clicked, answer(body));
    if (typeof expected === 'string') {
      const { manifest } = await chosen;
      assert.equal(`${manifest.id}@${manifest.version}`, expected, about);
    } else {
      await assert.rejects(chosen, expected, about);
    }
  }
});
