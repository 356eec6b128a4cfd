import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnswer } from './parse-answer.ts';

test('the first value of a body counts, and an empty body is an empty list', () => {
  // [body, ids of the list]; docs/mattermost.md, Requests
  const cases: [string, (string | null)[]][] = [
    ['', []],
    [' \n', []],
    ['null', []],
    ['null and more', []],
    ['[]', []],
    ['[] [', []],
    ['[{"manifest":{"id":"a]\\"}"}}]\n}', ['a]"}']],
    [' [{"manifest":{"id":"a"}},null,{}]', ['a', null, null]],
    ['[{"manifest":{"id":"a","id":"b"}}]', ['b']],
    ['[{"manifest":{"id":"a"},"Manifest":{"ID":"b"}}]', ['b']],
    ['[{"manifest":{"id":"a"},"manifest":{"version":"1.0.0"}}]', ['a']],
    ['[{"manifest":{"id":"a"},"manifest":null}]', [null]],
  ];
  for (const [body, ids] of cases) {
    const parsed = parseAnswer('11.0.0', body);
    assert.ok('plugins' in parsed, body);
    assert.deepEqual(
      parsed.plugins.map((plugin) => plugin?.manifest?.id ?? null),
      ids,
      body,
    );
  }
});

test('one value that a server does not take fails the whole answer', () => {
  // [version, body, error]
  const cases: [string, string, RegExp][] = [
    ['11.0.0', '{}', /an object at , which takes an array/],
    ['11.0.0', '"text"', /a string/],
    ['11.0.0', '<!doctype html>', /is not JSON/],
    ['11.0.0', '\uFEFF[]', /is not JSON/],
    ['11.0.0', '[{"manifest":{"id":"a"}}', /is not JSON/],
    ['11.0.0', '[{"manifest":{"version":1.2}}]', /a number at 0\.manifest\.version.* a string/],
    ['11.0.0', '[{"manifest":{"props":{"a":[1e400]}}}]', /beyond/],
    ['5.32.0', '[{"enterprise":"true"}]', /a string at 0\.enterprise.* true or false/],
    ['5.31.0', '[{"labels":["new"]}]', /a string at 0\.labels\.0/],
    ['5.32.0', '[{"manifest":{"server":{"executables":{"plan9":7}}}}]', /a number/],
    ['8.1.0', '[{"manifest":{"required_configuration":{"PluginSettings":[]}}}]', /an array/],
    ['10.1.0', '[{"manifest":{"settings_schema":{"settings":[{"secret":"no"}]}}}]', /a string/],
  ];
  for (const [version, body, expected] of cases) {
    const parsed = parseAnswer(version, body);
    assert.match('error' in parsed ? parsed.error : 'taken', expected, `${version} ${body}`);
  }
});

test('what a server does not know yet, or no longer, may have any type', () => {
  // [version, body]
  const cases: [string, string][] = [
    ['5.31.0', '[{"enterprise":"true","hosting":7}]'],
    ['5.19.0', '[{"labels":7}]'],
    ['5.16.0', '[{"signature":7}]'],
    ['5.31.0', '[{"manifest":{"server":{"executables":{"plan9":7}}}}]'],
    ['9.0.0', '[{"manifest":{"required_configuration":7}}]'],
    ['6.0.0', '[{"manifest":{"backend":7}}]'],
    ['10.0.0', '[{"manifest":{"settings_schema":{"settings":[{"secret":"no"}]}}}]'],
    ['11.0.0', '[{"platforms":7,"updated_at":7,"manifest":{"unknown":1e400}}]'],
  ];
  for (const [version, body] of cases) {
    assert.ok('plugins' in parseAnswer(version, body), `${version} ${body}`);
  }
});
