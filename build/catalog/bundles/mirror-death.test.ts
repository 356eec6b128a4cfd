import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../../src/lib/digests.ts';
import { KEY, NOW } from '../../../src/pack/fixture-pack.ts';
import { startLoopback } from '../../../test/engines/loopback-server.ts';
import { installAllPrepackaged } from '../../../test/engines/mattermost-server.ts';
import { seededRandom } from '../../../test/random.ts';
import { makeManifest, makeTarGz, SVG } from '../../../test/samples/plugin-bundles.ts';
import { run, start } from '../../cli/fixture-command.ts';
import { makeProject, runCatalog } from '../fixture-catalog-command.ts';
import { mirror } from './mirror.ts';

const program = 'catalog';
const MAKE = ['mirror', '--to', 'pack', '--base-url', 'https://h', '--key', 'key.asc'];
const PREPACKAGE = '--prepackaged folder --server-version 11.6.0 --platform linux-amd64'.split(' ');

/** A store with a signed bundle of some plugins, of about `sizeBytes`, which answers ranges as real ones do. */
async function startStore(t: TestContext, plugins: number, sizeBytes: number) {
  const files: Record<string, Buffer> = {};
  const served = { bytes: 0 };
  const store = await startLoopback(t, (request, response) => {
    answer(files[request.url ?? ''] as Buffer, request, response);
  });
  const answer = (content: Buffer, request: IncomingMessage, response: ServerResponse) => {
    const etag = `"${digestOf(content)}"`;
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const isRest = first !== undefined && request.headers['if-range'] === etag;
    const sent = content.subarray(isRest ? Number(first) : 0);
    const range = { 'content-range': `bytes ${first}-${content.length - 1}/${content.length}` };
    response.writeHead(isRest ? 206 : 200, {
      ...{ etag, 'content-length': sent.length },
      ...(isRest ? range : {}),
    });
    served.bytes += sent.length;
    response.end(sent);
  };
  const random = seededRandom(1);
  const noise = Buffer.from(Array.from({ length: sizeBytes }, () => random.below(256)));
  const entries: object[] = [];
  for (let i = 0; i < plugins; i++) {
    const manifest = makeManifest(`plugin-${i}`, '1.0.0');
    const content = await makeTarGz([
      ['plugin/plugin.json', JSON.stringify(manifest)],
      ['plugin/assets/icon.svg', SVG],
      ...Object.values(manifest.server.executables).map(
        (program) =>
          [`plugin/${program}`, Buffer.concat([Buffer.from(`${i}`), noise]), 0o755] as const,
      ),
    ]);
    files[`/${i}.tar.gz`] = content;
    const signature = (await KEY.sign(content, NOW)).toString('base64');
    entries.push({ download_url: `${store.url}/${i}.tar.gz`, signature, manifest });
  }
  const total = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  const cwd = await makeProject(t, { 'plugins.json': entries, 'key.asc': KEY.publicKey });
  return { cwd, store, served, total };
}

/** Kills the process right before the n-th call of a function of `node:fs/promises` for the pack or the folder. */
const killAt = (name: string, nth: number) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const original = fs.promises[${JSON.stringify(name)}];
  let calls = 0;
  fs.promises[${JSON.stringify(name)}] = async (target, ...more) => {
    if (/\\/(pack|folder)\\//.test(String(target)) && ++calls === ${nth}) {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    }
    return await original(target, ...more);
  };
  syncBuiltinESMExports();
`;

/** Every bundle that a list of the pack names is whole, and every bundle in the folder of a server, with its signature. */
async function assertNothingHalf(t: TestContext, cwd: string) {
  for (const name of ['pack.json', 'pack.unfinished.json']) {
    const text = await readFile(path.join(cwd, 'pack', name), 'utf8').catch(() => '{"files":[]}');
    for (const { path: file, sha256 } of JSON.parse(text).files) {
      const content = await readFile(path.join(cwd, 'pack', file));
      assert.equal(digestOf(content), sha256, `${name} lists ${file}, which is not whole`);
    }
  }
  const folder = path.join(cwd, 'folder');
  const files = await readdir(folder).catch(() => []);
  if (files.length === 0) return;
  const keyFiles = [path.join(cwd, 'key.asc')];
  const installed = await installAllPrepackaged(t, { version: '11.6.0', keyFiles }, folder);
  assert.ok(
    installed.every((line) => /^plugin-\d@1\.0\.0$/.test(line)),
    installed.join('\n'),
  );
}

const deaths: readonly (readonly [string, readonly number[]])[] = [
  ['open', [2]], // writes a part
  ['writeFile', [1]], // notes what the part is of
  ['rename', [1, 3, 4]], // a download is complete, it has its name, the folder of a server gets it
  ['rm', [1, 7]],
  ['copyFile', [2]],
];

test('a mirror that dies at any step lists nothing half, and the next run finishes it', {
  concurrency: 2,
}, async (t) => {
  const { cwd: project } = await startStore(t, 2, 0);
  const subtests = deaths.flatMap(([name, calls]) =>
    calls.map((nth) =>
      t.test(`killed before ${name} number ${nth}`, async (t) => {
        const cwd = await makeProject(t, {});
        await cp(project, cwd, { recursive: true });
        const args = [...MAKE, ...PREPACKAGE];
        const died = await run(t, { program, cwd, args, preload: killAt(name, nth) });
        assert.equal(died.code, 'SIGKILL', `it did not come that far: ${died.stderr}`);
        await assertNothingHalf(t, cwd);
        const { code, stderr } = await runCatalog(mirror, args.slice(1), { cwd });
        assert.equal(code, 0, stderr);
        await assertNothingHalf(t, cwd);
        const check = await runCatalog(mirror, ['--check', 'pack', '--key', 'key.asc'], { cwd });
        assert.deepEqual([check.code, check.stdout], [0, ''], check.stderr);
        assert.equal((await readdir(path.join(cwd, 'folder'))).length, 4);
        assert.deepEqual((await readdir(path.join(cwd, 'pack'))).sort(), [
          'bundles',
          'pack.json',
          'plugins.json',
        ]);
      }),
    ),
  );
  await Promise.all(subtests);
});

test('a mirror of 30 plugins that is killed in the middle of bundles continues them', async (t) => {
  const { cwd, store, served, total } = await startStore(t, 30, 200_000);
  const limited = [...MAKE, '--limit-rate', String(Math.round(total / 4))];
  for (let kills = 0; kills < 2; kills++) {
    const running = start(t, { program, args: limited, cwd });
    const before = await sizeOf(path.join(cwd, 'pack/bundles'));
    for (let i = 0; i < 1000; i++) {
      if ((await sizeOf(path.join(cwd, 'pack/bundles'))) > before + total / 5) break;
      await sleep(10);
    }
    running.child.kill('SIGKILL');
    assert.equal(await running.ended, 'SIGKILL', running.stderr);
    await assertNothingHalf(t, cwd);
  }
  const kept = await sizeOf(path.join(cwd, 'pack/bundles'));
  assert.ok(kept > total / 3, `${kept} of ${total} bytes are kept`);
  served.bytes = 0;
  const { code, stderr } = await runCatalog(mirror, MAKE.slice(1), { cwd });
  assert.equal(code, 0, stderr);
  // The last byte of each part comes again, and what was whole and not checked yet: as many as are checked at a time.
  const again = 4 * (1 + total / 30);
  assert.ok(served.bytes <= total - kept + again, `${served.bytes} and not ${total - kept} bytes`);
  assert.ok(store.requests.some(({ headers }) => headers.range !== undefined));
  const names = await readdir(path.join(cwd, 'pack/bundles'));
  assert.equal(names.length, 30);
  assert.ok(names.every((name) => name.endsWith('.tar.gz')));
});

test('parts of bundles that are no longer wanted are gone after the next run', async (t) => {
  const { cwd } = await startStore(t, 1, 0);
  assert.equal((await runCatalog(mirror, MAKE.slice(1), { cwd })).code, 0);
  const bundles = path.join(cwd, 'pack/bundles');
  const alive = `incoming-1.next-${process.ppid}`;
  for (const name of [`incoming-0.next-${2 ** 30}`, `incoming-0.etag.next-${2 ** 30}`, alive]) {
    await writeFile(path.join(bundles, name), '"1"');
  }
  assert.equal((await runCatalog(mirror, MAKE.slice(1), { cwd })).code, 0);
  const left = (await readdir(bundles)).filter((name) => name.startsWith('incoming'));
  assert.deepEqual(left, [alive], 'another mirror may be under way');
  await rm(path.join(bundles, alive));
});

async function sizeOf(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.includes('.etag.')) continue;
    sum += (await readFile(path.join(folder, name)).catch(() => '')).length;
  }
  return sum;
}
