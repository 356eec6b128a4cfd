import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import {
  type ArchiveEntry,
  makeBundle,
  makeManifest,
  makeTarGz,
  SVG,
} from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { add } from '../releases/add.ts';
import { mirror } from './mirror.ts';
import { sign } from './sign.ts';
import { verify } from './verify.ts';

const cases = path.resolve(import.meta.dirname, '../../../test/fixtures/cases');
const readCase = (name: string, file = 'bundle.tar.gz') => readFile(path.join(cases, name, file));

const createdAt = new Date(NOW.getTime() - 24 * 60 * 60 * 1000);
const key = await makeSigningKey({ createdAt });
const edwards = await makeSigningKey({ createdAt, curve: 'ed25519Legacy' });
const url = 'https://files.example.com/a.tar.gz';
const addArgs = ['q', 'v1.0.0', '--community', '--bundle', 'a.tar.gz', '--download-url', url];

/** What `add` makes of a signed bundle. */
async function runAdd(t: TestContext, content: Buffer, more: readonly string[] = []) {
  const cwd = await makeProject(t, {
    'plugins.json': '[]\n',
    'a.tar.gz': content,
    'a.tar.gz.sig': await key.sign(content, NOW),
    'key.asc': key.publicKey,
  });
  const ran = await runCatalog(add, [...addArgs, ...more], { cwd });
  const entries = JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8'));
  return { ...ran, entries };
}

const base = { id: 'com.example.q', version: '1.0.0' };
const server = (program: unknown, platform = 'linux-amd64') => ({
  ...base,
  server: { executables: { [platform]: program } },
});
const webapp = (bundle_path: unknown) => ({ ...base, webapp: { bundle_path } });
const pack = (manifest: object, ...files: ArchiveEntry[]) =>
  makeTarGz([['q/plugin.json', JSON.stringify(manifest)], ...files]);
const icon = (content: string | Buffer, icon_path: unknown = 'icon') =>
  pack({ ...webapp('a.js'), icon_path }, ['q/a.js', 'x'], ['q/icon', content]);
const withSettings = (setting: object) =>
  pack({ ...base, settings_schema: { settings: [setting] } });
const program = (mode: number, content = 'x'): ArchiveEntry => ['q/run', content, mode];

suite('a bundle that no server installs or starts is refused by add, sign and verify', () => {
  // What it is, the bundle, what is told.
  const CASES: readonly (readonly [string, Promise<Buffer>, RegExp])[] = [
    ['bundle-bom', readCase('bundle-bom'), /begins with a byte order mark/],
    ['bundle-no-webapp', readCase('bundle-no-webapp'), /lacks its webapp "webapp\/dist\/main\.js"/],
    [
      'bundle-not-executable',
      readCase('bundle-not-executable'),
      /a program that is not executable, "server\/dist\/plugin-linux-amd64" \(mode 644\)/,
    ],
    ['source-archive', readCase('source-archive'), /lacks its webapp.*\n.*lacks its program/],

    ['a webapp that names no file', pack(webapp('')), /declares a webapp without a bundle_path/],
    ['a webapp without a path', pack({ ...base, webapp: {} }), /a webapp without a bundle_path/],
    ['a webapp that leads out', pack(webapp('../a.js')), /a webapp outside of its folder/],
    ['a webapp that is a folder', pack(webapp('a'), ['q/a/b', 'x']), /lacks its webapp "a"/],
    [
      'a webapp that is a symbolic link',
      pack(webapp('a.js'), { name: 'q/a.js', type: 'symlink', linkname: 'b.js' }),
      /lacks its webapp/,
    ],
    [
      'a webapp that is a hard link',
      pack(webapp('a.js'), ['q/b.js', 'x'], { name: 'q/a.js', type: 'link', linkname: 'q/b.js' }),
      /lacks its webapp/,
    ],
    ['a program that is empty', pack(server('run'), program(0o755, '')), /an empty program, "run"/],
    ['a program for others only', pack(server('run'), program(0o655)), /not executable/],
    ['a program that leads out', pack(server('../run'), program(0o755)), /outside of its folder/],
    ['a program that is missing', pack(server('other'), program(0o755)), /lacks its program/],
    ['no program at all', pack({ ...base, server: {} }), /declares no program/],
    ['a program without a name', pack(server('')), /declares no program/],
    [
      'a common program that is missing',
      pack({ ...base, server: { executable: 'run' } }),
      /lacks its program "run"/,
    ],
    [
      'a program of old servers that is missing',
      pack({ ...base, backend: { executable: 'run' } }),
      /lacks its program "run"/,
    ],
    [
      'one of two programs that is missing',
      pack(
        { ...base, server: { executables: { 'linux-amd64': 'run', 'linux-arm64': 'arm' } } },
        program(0o755),
      ),
      /lacks its program "arm"/,
    ],
    [
      'a program twice, the first of which cannot be run',
      pack(server('run'), program(0o644), program(0o755)),
      /not executable/,
    ],
    [
      'a folder of macOS beside its own',
      makeTarGz([
        ['__MACOSX/._q', 'x'],
        ['q/plugin.json', JSON.stringify(base)],
      ]),
      /beside the folder "q" it holds "__MACOSX"/,
    ],
    ['a number as name', pack({ ...base, name: 5 }), /has a number at name of its manifest/],
    ['a list as description', pack({ ...base, description: [] }), /has an array at description/],
    ['an object as icon_path', pack({ ...base, icon_path: {} }), /has an object at icon_path/],
    [
      'a number as min_server_version',
      pack({ ...base, min_server_version: 9 }),
      /at min_server_version of its manifest, where servers 5\.16 and newer take a string/,
    ],
    ['true as server', pack({ ...base, server: true }), /has true at server .* take an object/],
    ['a text as webapp', pack({ ...base, webapp: 'a.js' }), /has a string at webapp/],
    [
      'a list of programs',
      pack({ ...base, server: { executables: [] } }),
      /at server\.executables/,
    ],
    [
      'a program that is no text',
      pack(server(5)),
      /has a number at server\.executables\.linux-amd64/,
    ],
    ['a bundle_path that is no text', pack(webapp(5)), /has a number at webapp\.bundle_path/],
    ['props that are a list', pack({ ...base, props: [] }), /has an array at props/],
    ['a settings_schema that is a list', pack({ ...base, settings_schema: [] }), /settings_schema/],
    [
      'settings that are an object',
      pack({ ...base, settings_schema: { settings: {} } }),
      /has an object at settings_schema\.settings /,
    ],
    ['a setting that is a text', withSettings('key' as never), /at settings_schema\.settings\.0 /],
    [
      'a setting with a number as key',
      withSettings({ key: 1 }),
      /at settings_schema\.settings\.0\.key/,
    ],
    [
      'a secret that is no truth value, which only new servers read',
      withSettings({ key: 'a', secret: 'yes' }),
      /at settings_schema\.settings\.0\.secret .* servers 10\.1 and newer take true or false/,
    ],
    [
      'a list as server in YAML',
      makeTarGz([['q/plugin.yaml', 'id: com.example.q\nversion: 1.0.0\nserver: []\n']]),
      /has an array at server of its manifest/,
    ],
    ['an id of two letters', pack({ ...base, id: 'qq' }), /has the id "qq", which servers refuse/],
  ];
  for (const [what, bundle, expected] of CASES) {
    test(what, async (t) => {
      const content = await bundle;
      const added = await runAdd(t, content);
      assert.match(added.stderr, expected);
      assert.equal(added.code, 1);
      assert.deepEqual(added.entries, [], 'the catalog is as it was');

      const cwd = await makeProject(t, { 'a.tar.gz': content, 'k.asc': key.privateKey });
      const signed = await runCatalog(sign, ['a.tar.gz', '--key', 'k.asc'], { cwd });
      assert.match(signed.stderr, expected);
      assert.equal(signed.code, 1);

      const { stdout, code } = await runVerify(t, content);
      assert.match(stdout, expected);
      assert.equal(code, 1);
    });
  }

  test('that it holds sources is told', async (t) => {
    const { stderr } = await runAdd(t, await readCase('source-archive'));
    assert.match(stderr, /for it holds sources: build the plugin/);
  });
});

/** What `verify` makes of a signed bundle under an entry that says the same. */
async function runVerify(t: TestContext, content: Buffer, entry: object = {}) {
  const site = await startLoopback(t, serveFiles({ '/a.tar.gz': content }));
  const signature = (await key.sign(content, NOW)).toString('base64');
  const release = { download_url: `${site.url}/a.tar.gz`, signature, manifest: base, ...entry };
  const cwd = await makeProject(t, { 'plugins.json': [release], 'key.asc': key.publicKey });
  return await runCatalog(verify, ['--key', 'key.asc'], { cwd });
}

suite('a bundle that servers install is added, and what is odd is told', () => {
  const link = (name: string, type: 'symlink' | 'link', linkname: string) =>
    pack(webapp('a.js'), ['q/a.js', 'x'], { name, type, linkname });
  // What it is, the bundle, what is told.
  const CASES: readonly (readonly [string, Promise<Buffer>, RegExp])[] = [
    ['bundle-symlink', readCase('bundle-symlink'), /plugin": servers pass over it.*symbolic link/],
    ['bundle-twice', readCase('bundle-twice'), /plugin\.json" twice: servers take the later one/],
    ['bundle-icon-ico', readCase('bundle-icon-ico'), /no SVG, PNG, .*: it goes without an icon/],

    ['a link that leads out', link('q/b', 'symlink', '/etc/passwd'), /servers pass over it/],
    ['a link whose name leads out', link('../b', 'symlink', 'x'), /servers pass over it/],
    ['a hard link', link('q/b', 'link', 'q/a.js'), /hard link/],
    [
      'what old servers refuse',
      link('q/b', 'symlink', 'a.js'),
      /is not installed because of it, on servers of 5\.18 and 5\.19$/m,
    ],
    ['an icon of Windows', icon(Buffer.from([0, 0, 1, 0])), /no SVG, PNG/],
    ['an icon that is missing', icon(SVG, 'other'), /lacks its icon/],
    ['an icon that leads out', icon(SVG, '../../icon'), /an icon_path that leads nowhere/],
    ['an icon that is no path', icon(SVG, '../icon.svg'), /an icon_path that leads nowhere/],
    ['an icon that is large', icon(Buffer.alloc(2 ** 20)), /an icon of more than 262144 bytes/],
    ['neither server nor webapp', pack(base), /neither a server nor a webapp/],
    [
      'an id with capitals',
      pack({ ...webapp('a.js'), id: 'com.Q' }, ['q/a.js', '']),
      /as "com\.q"/,
    ],
    ['an absolute path', pack(webapp('a.js'), ['/q/a.js', 'x']), /servers take as relative/],
  ];
  for (const [what, bundle, expected] of CASES) {
    test(what, async (t) => {
      const { stderr, code, entries } = await runAdd(t, await bundle, ['--key', 'key.asc']);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^warning: .*a\.tar\.gz /m);
      assert.match(stderr, expected);
      assert.equal(entries.length, 1);
      if (/icon/.test(what)) assert.equal(entries[0].icon_data, '');
    });
  }

  // What it is, the bundle.
  const PLAIN: readonly (readonly [string, Promise<Buffer>])[] = [
    ['paths that begin with ./', pack(server('./run'), ['./q/run', 'x', 0o755])],
    ['a program of Windows', pack(server('run', 'windows-amd64'), program(0o644))],
    ['a common program', pack({ ...base, server: { executable: 'run' } }, program(0o700))],
    ['a null everywhere', pack({ ...webapp('a'), name: null, server: null }, ['q/a', ''])],
    [
      'text after its manifest',
      makeTarGz([
        ['plugin.json', `${JSON.stringify(webapp('a'))}}`],
        ['a', ''],
      ]),
    ],
  ];
  for (const [what, bundle] of PLAIN) {
    test(`${what}: nothing is told`, async (t) => {
      const { stderr, code } = await runAdd(t, await bundle, ['--key', 'key.asc']);
      assert.equal(stderr, '');
      assert.equal(code, 0);
    });
  }
});

suite('a bundle whose signature no server takes', () => {
  const content = makeBundle(makeManifest('com.example.q', '1.0.0'));
  // What it is, the signature, more flags, the exit code, what is told.
  const CASES: readonly (readonly [
    string,
    ((bundle: Buffer) => Buffer | Promise<Buffer>) | null,
    string[],
    0 | 1,
    RegExp,
  ])[] = [
    ['none', null, [], 0, /has no signature: no server installs it from a marketplace/],
    ['none, though keys are set', null, ['--key', 'key.asc'], 0, /has no signature/],
    ['a text', () => Buffer.from('signed'), [], 0, /no OpenPGP signature, and no server/],
    ['of Ed25519', (bundle) => edwards.sign(bundle, NOW), [], 1, /EdDSA \(Ed25519\)/],
    [
      'of another bundle',
      () => key.sign(Buffer.from('x'), NOW),
      ['--key', 'key.asc'],
      1,
      /other contents/,
    ],
    ['by another key', otherSignature, ['--key', 'key.asc'], 1, /which is none of the keys given/],
    ['not checked without a key', otherSignature, [], 0, /^$/],
  ];
  for (const [what, makeSignature, flags, code, expected] of CASES) {
    test(`${what}: ${code === 0 ? 'is added' : 'is refused'}`, async (t) => {
      const bundle = await content;
      const cwd = await makeProject(t, {
        'plugins.json': '[]\n',
        'a.tar.gz': bundle,
        'key.asc': key.publicKey,
        ...(makeSignature ? { 'a.tar.gz.sig': await makeSignature(bundle) } : {}),
      });
      const ran = await runCatalog(add, [...addArgs, ...flags], { cwd });
      assert.match(ran.stderr, expected);
      assert.equal(ran.code, code);
      const entries = JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8'));
      assert.equal(entries.length, code === 0 ? 1 : 0);
    });
  }

  async function otherSignature(bundle: Buffer) {
    return await (await makeSigningKey({ createdAt })).sign(bundle, NOW);
  }
});

suite('min-server-bumped: a minimum that the catalog has raised holds nothing up', () => {
  /** A project with the case, its bundles on a server of its own. */
  async function makeCase(t: TestContext) {
    const names = ['p-1.0.0.tar.gz', 'p-1.1.0.tar.gz'];
    const files = await Promise.all(
      names.map(async (name) => [`/${name}`, await readCase('min-server-bumped', name)] as const),
    );
    const site = await startLoopback(t, serveFiles(Object.fromEntries(files)));
    const catalog = String(await readCase('min-server-bumped', 'catalog.json'));
    return await makeProject(t, {
      'plugins.json': catalog.replaceAll('http://127.0.0.1:18202', site.url),
      'key.asc': await readCase('min-server-bumped', 'key.asc'),
    });
  }

  test('verify and mirror accept it with a note', async (t) => {
    const cwd = await makeCase(t);
    const verified = await runCatalog(verify, ['--key', 'key.asc'], { cwd });
    assert.equal(verified.code, 0, verified.stdout);
    assert.match(verified.stdout, /note: says min_server_version .* so fewer servers get it/);
    const args = ['--to', 'pack', '--base-url', 'https://a.example', '--key', 'key.asc'];
    const mirrored = await runCatalog(mirror, args, { cwd });
    assert.equal(mirrored.code, 0, mirrored.stdout + mirrored.stderr);
    assert.match(mirrored.stdout, /^ok .*\n +note: says min_server_version/m);
    assert.match(mirrored.stderr, /2 bundles in pack: 2 downloaded/);
  });
});
