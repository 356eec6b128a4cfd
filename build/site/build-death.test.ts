import assert from 'node:assert/strict';
import { cp, stat } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recoverFolder } from '../../src/site/write/replace-folder.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { seededRandom, THOROUGH } from '../../test/random.ts';
import {
  assertWhole,
  findLeftovers,
  release,
  run,
  runHere,
  start,
  writeCatalog,
} from '../cli/fixture-command.ts';
import { build } from './build.ts';

const program = 'build';
const small = ['1.0.0', '1.1.0', '1.2.0'].map((version) => release('abc', version));

/** Takes about a second to build with `little`, a third of it to write. */
const large = Array.from({ length: 400 }, (_, i) => {
  const { manifest, ...rest } = release(`plugin-${i % 40}`, `1.${i}.0`);
  const icon_data = `data:image/png;base64,${'QUJD'.repeat(400)}`;
  const min_server_version = `${5 + Math.floor(i / 40)}.0.0`;
  return { ...rest, icon_data, manifest: { ...manifest, min_server_version } };
});

const little = ['--search', 'off', '--every-page-size', 'off', '--page-sizes', '100'];

/** A folder with a catalog and a build of it. */
async function makeProject(
  t: TestContext,
  releases: readonly object[],
  args: readonly string[] = [],
) {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), releases);
  const { code, stderr } = await runHere(build, args, { cwd });
  assert.equal(code, 0, stderr);
  return cwd;
}

/** Kills the process right before the n-th call of a function of `node:fs/promises` that is about the build. */
const killAt = (name: string, nth: number) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const original = fs.promises[${JSON.stringify(name)}];
  let calls = 0;
  fs.promises[${JSON.stringify(name)}] = async (target, ...more) => {
    if (String(target).includes('/dist') && ++calls === ${nth}) {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    }
    return await original(target, ...more);
  };
  syncBuiltinESMExports();
`;

// The function called, which call, the build that is there afterwards, whether dist is missing until then.
const deaths: readonly [string, number, 'old' | 'new', 'there' | 'missing'][] = [
  ['writeFile', 1, 'old', 'there'],
  ['writeFile', 9, 'old', 'there'],
  ['rename', 1, 'old', 'there'], // gives the snapshot its name
  ['rename', 2, 'old', 'there'], // moves the old build aside
  ['rename', 3, 'old', 'missing'], // moves the new build into place
  ['rename', 4, 'new', 'there'], // takes the old build's name
  ['rm', 2, 'new', 'there'], // removes it
];

test('a build that dies at any step leaves the whole old build or the whole new one', {
  concurrency: 2,
}, async (t) => {
  const project = await makeProject(t, small);
  const old = await assertWhole(path.join(project, 'dist'));
  const subtests = deaths.map(([name, nth, expected, meanwhile]) =>
    t.test(`killed before ${name} number ${nth}: the ${expected} build`, async (t) => {
      const cwd = await makeFolder(t);
      const dist = path.join(cwd, 'dist');
      await cp(project, cwd, { recursive: true });
      await writeCatalog(path.join(cwd, 'plugins.json'), small.slice(1));
      const died = await run(t, { program, cwd, preload: killAt(name, nth) });
      assert.equal(died.code, 'SIGKILL', 'it did not come that far');
      const isThere = await stat(dist).then(
        () => true,
        () => false,
      );
      assert.equal(isThere, meanwhile === 'there');
      assert.notDeepEqual(await findLeftovers(dist), []);
      await recoverFolder(dist);
      assert.equal((await assertWhole(dist)) === old ? 'old' : 'new', expected);
      assert.deepEqual(await findLeftovers(dist), [], 'what dead builds left is removed');
    }),
  );
  await Promise.all(subtests);
});

test('builds killed at random moments never harm the build that is there', async (t) => {
  const random = seededRandom(20241015);
  const args = little;
  const startMs = performance.now();
  const build = async (releases: readonly object[]) => {
    const cwd = await makeFolder(t);
    await writeCatalog(path.join(cwd, 'plugins.json'), releases);
    const { code, stderr } = await run(t, { program, args, cwd });
    assert.equal(code, 0, stderr);
    return cwd;
  };
  const cwds = await Promise.all([build(large), build(large.slice(1))]);
  const fullMs = performance.now() - startMs;
  const ids = await Promise.all(cwds.map((cwd) => assertWhole(path.join(cwd, 'dist'))));
  const kills = THOROUGH ? 10 : 4;
  const found: string[] = [];
  const killAtRandom = async (cwd: string, i: number) => {
    const dist = path.join(cwd, 'dist');
    // Each folder builds the two catalogs in turn, so that a build always has something to change.
    await writeCatalog(path.join(cwd, 'plugins.json'), i % 4 < 2 ? large.slice(1) : large);
    const build = start(t, { program, args, cwd });
    // Every other pair is killed at any time, the others once they write: that is a small part of the time.
    const isWriting = i % 4 < 2;
    while (isWriting && build.child.exitCode === null && (await findLeftovers(dist)).length === 0) {
      await sleep(2);
    }
    await sleep(random.below(isWriting ? fullMs / 8 : fullMs));
    build.child.kill('SIGKILL');
    const ended = await build.ended;
    const leftovers = await findLeftovers(dist);
    found.push(`${ended}${leftovers.length > 0 ? ' while it wrote' : ''}`);
    await recoverFolder(dist);
    assert.ok(
      ids.includes(await assertWhole(dist)),
      'docs/design.md, invariant 7: not one of the two',
    );
    assert.deepEqual(await findLeftovers(dist), []);
  };
  for (let i = 0; i < kills; i += 2) {
    await Promise.all(cwds.map((cwd, side) => killAtRandom(cwd, i + side)));
  }
  t.diagnostic(`ended by ${found.join(', ')}`);
  assert.ok(found.includes('SIGKILL while it wrote'), `no kill hit a build at work: ${found}`);
});

test('the next build cleans up after one that was killed', async (t) => {
  const cwd = await makeProject(t, small);
  const dist = path.join(cwd, 'dist');
  await run(t, { program, cwd, preload: killAt('rename', 3) });
  assert.deepEqual((await findLeftovers(dist)).length, 2, 'an old build aside and a new one');
  const { code, stderr } = await run(t, { program, cwd });
  assert.equal(code, 0, stderr);
  await assertWhole(dist);
  assert.deepEqual(await findLeftovers(dist), []);
});

/** Makes every rename wait up to 60 ms before and after, the same each time. */
const slowRenames = (seed: number) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  import { seededRandom } from '${import.meta.resolve('../../test/random.ts')}';
  const random = seededRandom(${seed});
  const pause = () => new Promise((resolve) => setTimeout(resolve, random.below(60)));
  const { rename } = fs.promises;
  fs.promises.rename = async (...paths) => {
    await pause();
    await rename(...paths);
    await pause();
  };
  syncBuiltinESMExports();
`;

test('builds into one folder at once all succeed, and the folder is one of them, whole', async (t) => {
  const cwd = await makeProject(t, small);
  const dist = path.join(cwd, 'dist');
  await writeCatalog(path.join(cwd, 'a.json'), small.slice(1));
  await writeCatalog(path.join(cwd, 'b.json'), small.slice(2));
  const ids = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const builds = ['a.json', 'b.json', 'a.json'].map((catalog, i) => {
      const args = ['--catalog', catalog, '--json'];
      return run(t, { program, args, cwd, preload: slowRenames(10 * round + i) });
    });
    for (const { code, stdout, stderr } of await Promise.all(builds)) {
      assert.equal(code, 0, stderr);
      ids.add(JSON.parse(stdout).id);
    }
    assert.ok(
      ids.has(await assertWhole(dist)),
      'docs/design.md, invariant 7: not one of the builds',
    );
    assert.deepEqual(await findLeftovers(dist), []);
  }
  assert.equal(ids.size, 2);
});
