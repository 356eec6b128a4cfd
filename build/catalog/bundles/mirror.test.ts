import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCatalog } from '../../../src/catalog/parse-catalog.ts';
import { BASE_URL, KEY, NO_WEB, STRANGER, startSource } from '../../../src/pack/fixture-pack.ts';
import { makeProject, runCatalog } from '../fixture-catalog-command.ts';
import { mirror } from './mirror.ts';

const usual = ['--to', 'pack', '--base-url', `${BASE_URL}/`, '--key', 'key.asc'];

/** A project with a catalog of four releases, whose seven bundles a server has. */
async function setUp(t: TestContext, minimum?: string) {
  const { entries, files } = await startSource(t);
  const [first, ...others] = JSON.parse(JSON.stringify(entries));
  if (minimum !== undefined) first.manifest.min_server_version = minimum;
  const cwd = await makeProject(t, {
    'plugins.json': [first, ...others],
    'key.asc': KEY.publicKey,
    'other.asc': STRANGER.publicKey,
  });
  return { cwd, files, run: (...args: string[]) => runCatalog(mirror, args, { cwd }) };
}

// Flags, the releases that are in the pack, with their platforms.
const selections: readonly (readonly [string, string[]])[] = [
  ['--newest 1', ['abc@2.0.0 linux-amd64', 'uni_x@1.0.0+b']],
  ['--newest 1 --server-version 9.4.0 --plugin abc', ['abc@1.1.0 linux-amd64,darwin-arm64']],
  [
    '--newest 1 --server-version 9.4.0 --server-version 9.5.0 --plugin abc',
    ['abc@2.0.0 linux-amd64', 'abc@1.1.0 linux-amd64,darwin-arm64'],
  ],
  ['--server-version 8.0.0', []],
  ['--platform darwin-arm64 --plugin abc', ['abc@2.0.0', 'abc@1.1.0 darwin-arm64', 'abc@1.0.0']],
  // A platform of servers without a bundle of its own in any release.
  ['--platform freebsd-amd64 --newest 1', ['abc@2.0.0', 'uni_x@1.0.0+b']],
];

for (const [flags, expected] of selections) {
  test(`mirror ${flags} takes ${expected.join('; ') || 'nothing'}`, async (t) => {
    const { cwd, run } = await setUp(t);
    const { code, stderr } = await run(...usual, ...flags.split(' '));
    assert.equal(code, 0, stderr);
    const text = await readFile(path.join(cwd, 'pack/plugins.json'), 'utf8');
    const names = parseCatalog(text, 'a.json').releases.map(
      ({ manifest: { id, version }, platforms }) =>
        `${id}@${version} ${Object.keys(platforms)}`.trim(),
    );
    assert.deepEqual(names, expected);
  });
}

test('a pack is made, pruned, and checked without a network', async (t) => {
  const { cwd, run } = await setUp(t);
  assert.equal((await run(...usual)).stderr, '7 bundles in pack: 7 downloaded, 0 removed\n');
  const pruned = await run(...usual, '--plugin', 'uni_x', '--prune');
  assert.equal(pruned.stderr, '1 bundle in pack: 0 downloaded, 6 removed\n');
  const args = ['--check', 'pack', '--key', 'key.asc'];
  const checked = await runCatalog(mirror, args, { cwd, web: NO_WEB });
  assert.deepEqual(checked, { code: 0, stdout: '', stderr: 'pack is whole: 1 bundle\n' });
  const unchecked = await run('--check', 'pack');
  assert.equal(unchecked.code, 0);
  assert.match(unchecked.stderr, /^pack is whole: 1 bundle; signatures were not checked: name the/);
  await writeFile(path.join(cwd, 'pack/bundles/x'), '');
  const odd = await run('--check', 'pack');
  assert.deepEqual(
    [odd.code, odd.stdout.split(' — ')[0]],
    [0, 'warning: bundles/x: is not listed in pack.json'],
  );
  const wrong = await run('--check', 'pack', '--key', 'other.asc');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /^FAILED {2}uni_x@1\.0\.0\+b http.*\n +is signed with the key/m);
  assert.match(wrong.stderr, /pack is not whole: 1 error/);
});

test('bundles that fail are reported with the reason, notes as well, sound ones are not', async (t) => {
  const { files, run } = await setUp(t, '9.6.0');
  files['/abc-1.0.0.tar.gz'] = (files['/abc-1.0.0.tar.gz'] as Buffer).subarray(0, 100);
  const { code, stdout, stderr } = await run(...usual);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^ok {6}abc@2\.0\.0\n +note: has min_server_version .* fewer servers get it$/m,
  );
  assert.match(stdout, /^FAILED {2}abc@1\.0\.0 .*\n +is not what was signed.*\n.* too early\n$/m);
  assert.doesNotMatch(stdout, /uni_x/);
  assert.match(stderr, /1 of 7 bundles failed, so pack\/plugins\.json is not written/);
  const { bundles, isComplete } = JSON.parse((await run(...usual, '--json')).stdout);
  assert.deepEqual([bundles.length, isComplete], [7, false]);
});

const DAMAGED = '{"format":1,"baseUrl":"","files":[{"path":"../x","sha256":"","sizeBytes":1}]}';

// Flags, exit code, what is reported; a file of the project.
const refusals: readonly (readonly [string[], 1 | 2, RegExp, (readonly [string, string])?])[] = [
  [[], 2, /name the folder with --to/],
  [['--to', 'pack'], 2, /--base-url where it will be served/],
  [['--to', 'pack', '--base-url', 'plugins'], 2, /--base-url takes a web address, not "plugins"/],
  [[...usual, '--newest', '0'], 2, /--newest takes a whole number, not "0"/],
  [[...usual, '--server-version', '9'], 2, /--server-version takes a version such as .*, not "9"/],
  [[...usual, '--plugin', 'x'], 1, /the catalog has no plugin x/],
  [
    [...usual, '--platform', 'osx-arm64'],
    2,
    /"osx-arm64" is not a platform of any server or release; known are darwin-amd64, darwin-arm64/,
  ],
  [[...usual.slice(0, -1), 'other.asc'], 1, /7 of 7 bundles failed/],
  [usual, 1, /pack\.json is damaged/, ['pack/pack.json', '{"format":2}']],
  [usual, 1, /pack\.json is damaged/, ['pack/pack.json', DAMAGED]],
  [usual, 1, /pack.* cannot be written, (EEXIST|ENOTDIR)/, ['pack', 'a file']],
  [['--check', 'pack'], 1, /is not a pack: it has no pack\.json/],
  [['--check', 'pack', '--to', 'pack'], 2, /--check and --to contradict/],
  [['--check', 'pack', '--newest', '1'], 2, /--check and --newest contradict/],
];

for (const [args, code, stderr, file] of refusals) {
  test(`mirror ${args.join(' ')} is refused: ${stderr.source}`, async (t) => {
    const { cwd, run } = await setUp(t);
    if (file !== undefined) {
      await mkdir(path.dirname(path.join(cwd, file[0])), { recursive: true });
      await writeFile(path.join(cwd, file[0]), file[1]);
    }
    const ran = await run(...args);
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
  });
}
