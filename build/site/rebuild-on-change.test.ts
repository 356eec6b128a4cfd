import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lookAtInputs } from './inputs/look-at-inputs.ts';
import { rebuildOnChange } from './rebuild-on-change.ts';

/** Longer than it takes to look again, build and look once more. */
const quietMs = 700;

async function makeFolder(t: TestContext): Promise<string> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'marketplace-'));
  t.after(() => rm(cwd, { recursive: true }));
  await mkdir(path.join(cwd, 'catalog'));
  await writeFile(path.join(cwd, 'catalog/a.json'), '[]');
  return cwd;
}

/** Counts the builds that changes in `cwd` make; each takes `buildMs`. */
async function watch(t: TestContext, cwd: string, buildMs = 0) {
  const look = () => lookAtInputs(['catalog/*.json'], ['marketplace.config.json'], cwd);
  const stop = new AbortController();
  const counts = { begun: 0, atOnce: 0, mostAtOnce: 0 };
  const rebuild = async () => {
    counts.begun++;
    counts.mostAtOnce = Math.max(counts.mostAtOnce, ++counts.atOnce);
    await sleep(buildMs);
    counts.atOnce--;
  };
  const done = rebuildOnChange({ look, built: await look(), rebuild, signal: stop.signal });
  t.after(() => {
    stop.abort();
    return done;
  });
  return { counts, stop, done };
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const limitMs = performance.now() + 20_000;
  while (!isTrue()) {
    assert.ok(performance.now() < limitMs, `${what} within 20 s`);
    await sleep(10);
  }
}

// A change in the folder of the catalog, its description.
const changes: readonly [(cwd: string) => Promise<void>, string][] = [
  [(cwd) => writeFile(path.join(cwd, 'catalog/a.json'), '[1]'), 'a file is written'],
  [(cwd) => writeFile(path.join(cwd, 'catalog/b.json'), '[]'), 'a file appears'],
  [(cwd) => rm(path.join(cwd, 'catalog/a.json')), 'a file disappears'],
  [(cwd) => utimes(path.join(cwd, 'catalog/a.json'), 1, 1), 'a file is touched'],
  [(cwd) => writeFile(path.join(cwd, 'marketplace.config.json'), '{}'), 'a configuration appears'],
  [(cwd) => writeFile(path.join(cwd, 'catalog/notices.json'), '[]'), 'notices appear'],
  [
    async (cwd) => {
      await writeFile(path.join(cwd, 'catalog/.a.json.tmp'), '[]');
      await rename(path.join(cwd, 'catalog/.a.json.tmp'), path.join(cwd, 'catalog/a.json'));
    },
    'an editor renames a new file over the old one',
  ],
  [
    async (cwd) => {
      await rename(path.join(cwd, 'catalog'), path.join(cwd, 'aside'));
      await mkdir(path.join(cwd, 'catalog'));
      await writeFile(path.join(cwd, 'catalog/a.json'), '[]');
    },
    'the folder is made anew',
  ],
];

test('whatever changes makes one build, and so does what follows', {
  concurrency: true,
}, async (t) => {
  const subtests = changes.map(([change, what]) =>
    t.test(what, async (t) => {
      const cwd = await makeFolder(t);
      const { counts } = await watch(t, cwd);
      await change(cwd);
      await until(() => counts.begun > 0, 'a build');
      await sleep(quietMs);
      assert.equal(counts.begun, 1, 'one change makes one build');
      await writeFile(path.join(cwd, 'catalog/a.json'), '[1, 2]');
      await until(() => counts.begun > 1, 'a build of the next change');
    }),
  );
  await Promise.all(subtests);
});

test('what does not concern the build makes none', async (t) => {
  const cwd = await makeFolder(t);
  const { counts } = await watch(t, cwd);
  await writeFile(path.join(cwd, 'catalog/notes.txt'), '');
  await mkdir(path.join(cwd, 'dist.next-1'));
  await sleep(2 * quietMs);
  assert.equal(counts.begun, 0);
});

test('changes during a build make exactly one more, after it', async (t) => {
  const cwd = await makeFolder(t);
  const { counts } = await watch(t, cwd, 500);
  await writeFile(path.join(cwd, 'catalog/a.json'), '[1]');
  await until(() => counts.begun === 1, 'a build');
  for (let i = 0; i < 5; i++) {
    await writeFile(path.join(cwd, 'catalog/a.json'), `[${i}]`);
    await sleep(60);
  }
  await until(() => counts.begun === 2, 'one more build');
  await sleep(500 + quietMs);
  assert.deepEqual(counts, { begun: 2, atOnce: 0, mostAtOnce: 1 });
});

test('a change between the first look and the watch is not missed', async (t) => {
  const cwd = await makeFolder(t);
  const look = () => lookAtInputs(['catalog/*.json'], ['marketplace.config.json'], cwd);
  const stop = new AbortController();
  let begun = 0;
  const rebuild = async () => {
    begun++;
  };
  const built = await look();
  await writeFile(path.join(cwd, 'catalog/a.json'), '[1]');
  const done = rebuildOnChange({ look, built, rebuild, signal: stop.signal });
  await until(() => begun === 1, 'a build');
  stop.abort();
  await done;
});

test('it ends at once when stopped, but not in the middle of a build', async (t) => {
  const cwd = await makeFolder(t);
  const { counts, stop, done } = await watch(t, cwd, 300);
  await writeFile(path.join(cwd, 'catalog/a.json'), '[1]');
  await until(() => counts.begun === 1, 'a build');
  stop.abort();
  await done;
  assert.deepEqual(counts, { begun: 1, atOnce: 0, mostAtOnce: 1 });
});
