import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { seededRandom, seeds } from '../../test/random.ts';
import { readGzipMember } from '../../test/samples/gzip-member.ts';
import { randomCatalog } from '../../test/samples/random-catalog.ts';
import { buildPlainSite, type PlainBuildOptions } from '../../test/sites/plain-site.ts';
import { GENEROUS } from '../../test/sites/planned-site.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { digestOf } from '../lib/digests.ts';
import { renderAnswer, renderRelease } from '../query/render.ts';
import type { SnapshotFile } from '../snapshot/parse-snapshot.ts';
import { readContent, readGzip } from '../snapshot/read-content.ts';
import { ID_PLACEHOLDER, nameCode } from '../snapshot/snapshot-id.ts';
import { planSite } from './plan/plan-site.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-build-'));
after(() => rmSync(folder, { recursive: true }));

const fixture = path.join(import.meta.dirname, '../../test/fixtures/catalogs/7.json');
const releases = parseCatalog(readFileSync(fixture, 'utf8'), fixture).releases;

/** Decompresses files with GNU gzip, which is independent of zlib, and compares them with those of the plain build. */
function assertGzipReads(out: string, files: readonly SnapshotFile[], plain: string) {
  for (let i = 0; i < files.length; i += 100) {
    const some = files.slice(i, i + 100);
    const { status, stdout, stderr } = spawnSync(
      'gzip',
      ['-dc', ...some.map((file) => `${file.path}.gz`)],
      { cwd: out, maxBuffer: 2 ** 30 },
    );
    assert.equal(status, 0, String(stderr));
    const expected = some.map((file) => readFileSync(path.join(plain, file.path)));
    assert.ok(stdout.equals(Buffer.concat(expected)), 'invariant 3: gzip reads other bytes');
  }
}

// The name of a catalog, how to get it.
const catalogs: readonly [string, () => Release[]][] = [
  [
    'the shipped catalog',
    () => {
      const file = path.join(import.meta.dirname, '../../plugins.json');
      return parseCatalog(readFileSync(file, 'utf8'), file).releases;
    },
  ],
  ...seeds(2).map((seed): [string, () => Release[]] => [
    `a random catalog (SEED=${seed})`,
    () => randomCatalog(seededRandom(seed)),
  ]),
];

async function build(name: string, options: Partial<PlainBuildOptions>) {
  const out = path.join(folder, name);
  const result = await buildPlainSite({ ...GENEROUS, compress: 'off', releases, ...options, out });
  return { out, result, read: (file: string) => readFileSync(path.join(out, file), 'utf8') };
}

describe('A build', () => {
  test('writes what its plan lists', async () => {
    const plan = await planSite({ ...GENEROUS, releases });
    const { result, read } = await build('planned', {});
    const { id } = result.snapshot;
    assert.equal(
      read('edge/cloudfront-function.js'),
      nameCode(plan.cloudFront?.code ?? '', result.snapshot.router.table),
    );
    // Besides answers and pages there are four files: the empty answer, labels, health and the catalog.
    assert.equal(result.files, plan.answers.size.files + result.pageFiles + 4);
    for (const answer of plan.answers.answers) {
      const platform = ['', ...plan.space.platforms][answer.form] ?? '';
      const pieces = answer.releases.map(({ release }) => renderRelease(release, platform));
      assert.equal(
        read(answer.path.replace(ID_PLACEHOLDER, id)),
        renderAnswer(pieces),
        answer.path,
      );
    }
  });

  test('lists every file with its digest, size and content type', async () => {
    const { out, result, read } = await build('listed', {});
    const { files } = result.snapshot;
    assert.ok(files.length > 100);
    for (const { path: file, sha256, size, contentType } of files) {
      const content = readFileSync(path.join(out, file));
      assert.equal(digestOf(content), sha256, file);
      assert.equal(content.length, size, file);
      assert.match(
        contentType,
        /^(application\/((health\+)?json|javascript)|image\/[\w+]+|(application\/(atom\+)?xml|text\/(html|css|javascript|plain)); charset=utf-8)$/,
      );
    }
    assert.deepEqual(JSON.parse(read('snapshot.json')), result.snapshot);
  });

  test('has a router for every edge, all of them of its snapshot', async () => {
    const { result, read } = await build('edges', {});
    const { id, files } = result.snapshot;
    for (const router of ['edge/cloudfront-function.js', 'edge/nginx.js', '_worker.js']) {
      assert.ok(read(router).includes(`/snapshots/${id}/`), router);
      assert.ok(!read(router).includes(ID_PLACEHOLDER), router);
    }
    for (const file of ['edge/nginx.conf', 'edge/nginx-location.conf', '_routes.json']) {
      assert.ok(
        files.some((listed) => listed.path === file),
        file,
      );
    }
  });

  test('lists what the catalog holds, also a plugin with a name that objects have', async () => {
    const odd = parseCatalog(
      JSON.stringify(
        ['1.0.0', '1.0.1'].map((version) => ({ manifest: { id: '__proto__', version } })),
      ),
      'odd.json',
    ).releases;
    const { read } = await build('odd', { releases: odd });
    const { catalog } = JSON.parse(read('snapshot.json'));
    assert.deepEqual(Object.entries(catalog.versions), [['__proto__', ['1.0.1', '1.0.0']]]);
    assert.deepEqual([catalog.plugins, catalog.releases], [1, 2]);
  });

  test('is refused, and leaves the old one, where the router is too large', async () => {
    const { out, result } = await build('too-large', {});
    await assert.rejects(
      build('too-large', { releases: [], routerBytes: 100 }),
      /than the 100 allowed/,
    );
    assert.ok(existsSync(path.join(out, `snapshots/${result.snapshot.id}/api/empty.json`)));
  });

  for (const [name, catalog] of catalogs) {
    test(`of ${name} has the same id and contents in every form, and other programs than ours decompress them`, async () => {
      const options = { releases: catalog(), pageSizes: [100], everyPageSize: false };
      const [plain, both, gzip] = await Promise.all([
        build(`${name}-off`, { ...options, compress: 'off' }),
        build(`${name}-both`, { ...options, compress: 'both' }),
        build(`${name}-gzip`, { ...options, compress: 'gzip' }),
      ]);
      // Servers send the files as they are, so only their configuration differs.
      const isContent = ({ path: file }: { path: string }) =>
        !/^edge\/(.*\.conf|haproxy\/.*)$/.test(file);
      const contents = plain.result.snapshot.files.filter(isContent);
      for (const { result, out } of [both, gzip]) {
        const { id, compress, files } = result.snapshot;
        assert.equal(id, plain.result.snapshot.id);
        assert.deepEqual(
          files.filter(isContent).map(({ gzip: _gzip, ...content }) => content),
          contents,
        );
        for (const file of files) {
          const isPlainThere = compress === 'both' || file.gzip === undefined;
          assert.equal(existsSync(path.join(out, file.path)), isPlainThere, file.path);
          const content = await readContent(out, file);
          assert.equal(content.length, file.size);
          if (file.gzip === undefined) continue;
          assert.ok(readGzipMember(await readGzip(out, file)).equals(content), file.path);
        }
        const compressed = files.filter((file) => file.gzip !== undefined);
        assert.ok(compressed.length > 0 && compressed.every(({ size }) => size >= 1024));
        assert.deepEqual(
          [result.gzipFiles, result.gzipBytes],
          [compressed.length, compressed.reduce((sum, file) => sum + (file.gzip?.size ?? 0), 0)],
        );
        assertGzipReads(out, compressed, plain.out);
      }
    });
  }

  test('is named by what it answers, and the router too', async () => {
    const first = await build('first', {});
    const again = await build('again', {});
    assert.equal(first.result.snapshot.id, again.result.snapshot.id, 'invariant 6');
    const fewer = await build('fewer', { releases: releases.slice(1) });
    const tagged = await build('tagged', { buildTag: 'v1' });
    const refusing = await build('refusing', { everyPageSize: false, pageSizes: [100] });
    const ids = [first, fewer, tagged, refusing].map(({ result }) => result.snapshot.id);
    assert.equal(new Set(ids).size, ids.length, `invariant 7: ${ids}`);
  });
});
