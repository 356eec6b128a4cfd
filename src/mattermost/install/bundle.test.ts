import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeBundle } from './bundle.ts';

const MANIFEST = { id: 'com.example.a', version: '1.0.0', webapp: { bundle_path: 'a.js' } };
const files = new Map([['a.js', { mode: 0o644, sizeBytes: 1 }]]);
const CONFIGURATION = { required_configuration: { ServiceSettings: 'x' } };

test('a wrong type in the manifest keeps those servers from the bundle that decode it', () => {
  // [what differs in the manifest, whether it is YAML, server version, the location of the error]
  const cases: [object, boolean, string | undefined, string | null][] = [
    [{}, false, undefined, null],
    [{ name: null, server: null, props: null }, false, undefined, null],
    [{ unknown: 5 }, false, undefined, null],
    [{ name: 5 }, false, undefined, 'name'],
    [{ name: {} }, false, '11.0.0', 'name'],
    // any server that is new enough for the plugin counts
    [{ backend: [] }, false, undefined, 'backend'],
    [{ backend: [], min_server_version: '5.39.9' }, false, undefined, 'backend'],
    [{ backend: [], min_server_version: '6.0.0' }, false, undefined, null],
    [{ backend: [], min_server_version: 'x' }, false, undefined, 'backend'],
    [CONFIGURATION, false, undefined, 'required_configuration.ServiceSettings'],
    [{ ...CONFIGURATION, min_server_version: '9.0.0' }, false, undefined, null],
    // one that is given counts alone
    [{ backend: [] }, false, '5.39.0', 'backend'],
    [{ backend: [] }, false, '6.0.0', null],
    [CONFIGURATION, false, '8.1.0', 'required_configuration.ServiceSettings'],
    [CONFIGURATION, false, '9.0.0', null],
    // YAML accepts any scalar as text, and nothing else of a wrong type
    [{ name: 5, description: true }, true, undefined, null],
    [{ name: [] }, true, undefined, 'name'],
    [{ server: 5 }, true, undefined, 'server'],
  ];
  for (const [differing, isYaml, serverVersion, location] of cases) {
    const manifest = { ...MANIFEST, ...differing };
    const server = serverVersion === undefined ? {} : { serverVersion };
    const found = judgeBundle({ manifest, isYaml, files }, { platform: '', ...server });
    const errors = found.filter(({ level, message }) => level === 'error' && / at /.test(message));
    const about = `${JSON.stringify(differing)}, ${isYaml ? 'YAML' : 'JSON'}, ${serverVersion}`;
    assert.equal(errors.length, location === null ? 0 : 1, about);
    if (location !== null) assert.ok(errors[0]?.message.includes(` at ${location} of its`), about);
  }
});
