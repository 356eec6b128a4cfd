import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import { type ArchiveEntry, makeTarGz } from '../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { readServerKeys } from '../mattermost/openpgp/key.ts';
import { readBundle } from './bundles/read-bundle.ts';
import { inspectBundle } from './inspect-bundle.ts';

const NOW = new Date('2024-05-17T12:00:00Z');
const createdAt = new Date(NOW.getTime() - 24 * 60 * 60 * 1000);
const key = await makeSigningKey({ createdAt });
const edwards = await makeSigningKey({ createdAt, curve: 'ed25519Legacy' });
const stranger = await makeSigningKey({ createdAt });
const ourKeys = readServerKeys(Buffer.from(key.publicKey)).map((one) => ({ key: one, file: 'k' }));

/** The notes on a bundle, line by line, without its name; by default it is signed. */
async function inspect(
  t: TestContext,
  content: Buffer,
  signed: Buffer | null | undefined = undefined,
  keys = ourKeys,
): Promise<string> {
  const file = path.join(await makeFolder(t), 'a.tar.gz');
  await writeFile(file, content);
  const signature = signed === undefined ? await key.sign(content, NOW) : signed;
  const bundle = await readBundle(file, 'a.tar.gz');
  const found = { file, name: 'a.tar.gz', bundle, signature: signature?.toString('base64') ?? '' };
  return (await inspectBundle(found, keys, NOW)).join('\n');
}

const CASES = path.resolve(import.meta.dirname, '../../test/fixtures/cases');
const readCase = (name: string) => readFile(path.join(CASES, name, 'bundle.tar.gz'));

const base = { id: 'com.example.q', version: '1.0.0' };
const server = (program: unknown, platform = 'linux-amd64') => ({
  ...base,
  server: { executables: { [platform]: program } },
});
const webapp = (bundle_path: unknown) => ({ ...base, webapp: { bundle_path } });
const pack = (manifest: object, ...files: ArchiveEntry[]) =>
  makeTarGz([['q/plugin.json', JSON.stringify(manifest)], ...files]);
const withSettings = (setting: unknown) =>
  pack({ ...base, settings_schema: { settings: [setting] } });
const program = (mode: number, content = 'x'): ArchiveEntry => ['q/run', content, mode];
const link = (type: 'symlink' | 'link', name: string, linkname: string): ArchiveEntry => ({
  ...{ name, type, linkname },
});

// Why no server installs or starts it, the bundle.
const refused: readonly (readonly [RegExp, Promise<Buffer>])[] = [
  [/begins with a byte order mark/, readCase('bundle-bom')],
  [/lacks its webapp "webapp\/dist\/main\.js"/, readCase('bundle-no-webapp')],
  [
    /a program that is not executable, "server\/dist\/plugin-linux-amd64" \(mode 644\)/,
    readCase('bundle-not-executable'),
  ],
  [
    /for it holds sources: build the plugin.*\n.*lacks its webapp.*\n.*lacks its program/,
    readCase('source-archive'),
  ],
  [/declares a webapp without a bundle_path/, pack(webapp(''))],
  [/declares a webapp without a bundle_path/, pack({ ...base, webapp: {} })],
  [/a webapp outside of its folder/, pack(webapp('../a.js'))],
  [/lacks its webapp "a"/, pack(webapp('a'), ['q/a/b', 'x'])],
  [/lacks its webapp/, pack(webapp('a.js'), link('symlink', 'q/a.js', 'b.js'))],
  [/lacks its webapp/, pack(webapp('a.js'), ['q/b.js', 'x'], link('link', 'q/a.js', 'q/b.js'))],
  [/an empty program, "run"/, pack(server('run'), program(0o755, ''))],
  [/not executable/, pack(server('run'), program(0o655))],
  [/not executable/, pack(server('run'), program(0o644), program(0o755))],
  [/outside of its folder/, pack(server('../run'), program(0o755))],
  [/lacks its program/, pack(server('other'), program(0o755))],
  [/declares no program/, pack({ ...base, server: {} })],
  [/declares no program/, pack(server(''))],
  [/lacks its program "run"/, pack({ ...base, server: { executable: 'run' } })],
  [/lacks its program "run"/, pack({ ...base, backend: { executable: 'run' } })],
  [
    /lacks its program "arm"/,
    pack(
      { ...base, server: { executables: { 'linux-amd64': 'run', 'linux-arm64': 'arm' } } },
      program(0o755),
    ),
  ],
  [/has the id "qq", which servers refuse/, pack({ ...base, id: 'qq' })],
  // Wrong types in the manifest.
  [/has a number at name of its manifest/, pack({ ...base, name: 5 })],
  [/has an array at description/, pack({ ...base, description: [] })],
  [/has an object at icon_path/, pack({ ...base, icon_path: {} })],
  [
    /at min_server_version of its manifest, where servers 5\.16 and newer take a string/,
    pack({ ...base, min_server_version: 9 }),
  ],
  [/has true at server .* take an object/, pack({ ...base, server: true })],
  [/has a string at webapp/, pack({ ...base, webapp: 'a.js' })],
  [/at server\.executables/, pack({ ...base, server: { executables: [] } })],
  [/has a number at server\.executables\.linux-amd64/, pack(server(5))],
  [/has a number at webapp\.bundle_path/, pack(webapp(5))],
  [/has an array at props/, pack({ ...base, props: [] })],
  [/settings_schema/, pack({ ...base, settings_schema: [] })],
  [/an object at settings_schema\.settings /, pack({ ...base, settings_schema: { settings: {} } })],
  [/at settings_schema\.settings\.0 /, withSettings('key')],
  [/at settings_schema\.settings\.0\.key/, withSettings({ key: 1 })],
  [
    /at settings_schema\.settings\.0\.secret .* servers 10\.1 and newer take true or false/,
    withSettings({ key: 'a', secret: 'yes' }),
  ],
  [
    /has an array at server of its manifest/,
    makeTarGz([['q/plugin.yaml', 'id: com.example.q\nversion: 1.0.0\nserver: []\n']]),
  ],
];

for (const [i, [expected, content]] of refused.entries()) {
  test(`a bundle that no server installs or starts is refused: ${expected.source} (${i})`, async (t) => {
    const inspecting = inspect(t, await content);
    await assert.rejects(inspecting, { name: 'UserError', message: expected });
  });
}

// The notes expected, the bundle.
const odd: readonly (readonly [RegExp, Promise<Buffer>])[] = [
  [/plugin": servers pass over it.*symbolic link/, readCase('bundle-symlink')],
  [/plugin\.json" twice: servers take the later one/, readCase('bundle-twice')],
  [/not an SVG, PNG, .*: the entry gets no icon/, readCase('bundle-icon-ico')],
  [
    /is not installed because of them, on servers of 5\.18 and 5\.19$/m,
    pack(webapp('a.js'), ['q/a.js', 'x'], link('symlink', 'q/b', 'a.js')),
  ],
  [/neither a server nor a webapp/, pack(base)],
  [/as "com\.q"/, pack({ ...webapp('a.js'), id: 'com.Q' }, ['q/a.js', ''])],
  // No note.
  [/^$/, pack(server('./run'), ['./q/run', 'x', 0o755])],
  [/^$/, pack(server('run', 'windows-amd64'), program(0o644))],
  [/^$/, pack({ ...base, server: { executable: 'run' } }, program(0o700))],
  [/^$/, pack({ ...webapp('a'), name: null, server: null }, ['q/a', ''])],
];

for (const [i, [expected, content]] of odd.entries()) {
  test(`a bundle that servers install is accepted, with a note on what is odd: ${expected.source} (${i})`, async (t) => {
    const warnings = await inspect(t, await content);
    assert.match(warnings, expected);
    assert.match(warnings, /^(a\.tar\.gz .*)?$/s);
  });
}

const plain = await pack(webapp('a'), ['q/a', '']);
const byStranger = await stranger.sign(plain, NOW);

// A signature, whether keys are given, the message, whether it is refused.
const signatures: readonly (readonly [Buffer | null, boolean, RegExp, boolean])[] = [
  [null, false, /has no signature: no server installs it from a marketplace/, false],
  [null, true, /has no signature/, false],
  [Buffer.from('signed'), false, /not an OpenPGP signature, and no server/, false],
  [await edwards.sign(plain, NOW), false, /EdDSA \(Ed25519\)/, true],
  [await key.sign(Buffer.from('x'), NOW), true, /other contents/, true],
  [byStranger, true, /which is not one of the given keys/, true],
  [byStranger, false, /^$/, false],
];

for (const [signature, isChecked, expected, isRefused] of signatures) {
  const how = `${isRefused ? 'refused' : 'accepted'}, ${isChecked ? 'with' : 'without'} keys`;
  test(`a signature is ${how}: ${expected.source}`, async (t) => {
    const inspecting = inspect(t, plain, signature, isChecked ? ourKeys : []);
    if (isRefused) await assert.rejects(inspecting, { name: 'UserError', message: expected });
    else assert.match(await inspecting, expected);
  });
}
