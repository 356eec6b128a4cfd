import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNjs, runInNode, skipWithoutNjs } from '../test/engines/edge-function.ts';
import { at, readTemplate } from './template.ts';

const code = String(at(readTemplate(), 'Resources/Router/Properties/FunctionCode'));

const requests = [
  { method: 'GET', path: '/', query: '' },
  { method: 'GET', path: '/api/v1/plugins', query: 'plugin_id=jira&server_version=10.0.0' },
  { method: 'HEAD', path: '/api/v1/health', query: '' },
  { method: 'POST', path: '/api/v1/plugins', query: '' },
  { method: 'GET', path: '/%ff', query: 'a=%' },
];

const engines = [
  ['the engine of Node', runInNode, false],
  ['njs', runInNjs, skipWithoutNjs],
] as const;

for (const [name, run, skip] of engines) {
  test(`before the first deploy every request is answered 503, uncached, in ${name}`, {
    skip,
  }, () => {
    const results = run(code, requests);
    assert.equal(results.length, requests.length);
    for (const result of results) {
      assert.ok('statusCode' in result);
      assert.equal(result.statusCode, 503);
      assert.deepEqual(JSON.parse(result.body), { error: 'nothing has been deployed yet' });
      // Not the object itself: it is of the engine's own realm.
      assert.deepEqual(JSON.parse(JSON.stringify(result.headers)), {
        'content-type': { value: 'application/json' },
        'cache-control': { value: 'no-store' },
        'access-control-allow-origin': { value: '*' },
      });
    }
  });
}
