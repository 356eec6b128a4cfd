import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { checkEntry } from '../../src/catalog/problems/check-entry.ts';
import { readBundle } from '../../src/curation/bundles/read-bundle.ts';
import { inspectContents } from '../../src/curation/inspect-bundle.ts';
import { makeEntry } from '../../src/curation/make-entry.ts';
import { checkBundle } from '../../src/curation/verify/check-bundle.ts';
import { formatProblem } from '../../src/lib/errors.ts';
import { checkPack } from '../../src/pack/check-pack.ts';
import { openPack, writePack } from '../../src/pack/format/pack.ts';
import type { Random } from '../random.ts';
import { makeBundle, makeManifest, makeTarGz, SVG } from '../samples/plugin-bundles.ts';
import { accepted, assertInside, type FuzzTarget, targetFolder } from './fuzz-target.ts';
import { mutateBytes, mutateJson, ODD_TEXTS } from './mutate.ts';
import { FULL_ENTRY, fixture, NOW } from './samples.ts';

/** Small, so that inputs reach them. */
const LIMITS = {
  compressedBytes: 50_000,
  unpackedBytes: 200_000,
  ratio: 100,
  ratioFromBytes: 50_000,
  entries: 50,
  manifestBytes: 5000,
  iconBytes: 2000,
};

/** A `.tar.gz`, through all that `add`, `update` and `verify` do with it. */
export async function bundles(read = readBundle): Promise<FuzzTarget> {
  const { folder, stop } = await targetFolder();
  const file = path.join(folder, 'bundle.tar.gz');
  const manifest = makeManifest('com.example.calls', '1.2.0', FULL_ENTRY.manifest);
  const yaml = 'id: com.example.calls\nversion: "1.2.0"\nicon_path: i.svg\nprops: &a [1, *a]\n';
  return {
    samples: [
      await makeBundle(manifest),
      await makeTarGz([
        ['p/plugin.yaml', yaml.replace('&a [1, *a]', '&a [1]\nmore: *a')],
        ['p/i.svg', SVG],
        { name: 'p/link', type: 'symlink', linkname: 'i.svg' },
        { name: 'p/odd', pax: { comment: 'x', path: 'p/long' } },
      ]),
      fixture('cases/min-server-bumped/p-1.0.0.tar.gz'),
    ],
    mutate: mutateBundle,
    check: async ([input]) => {
      await writeFile(file, input as Buffer);
      const bundle = await accepted(() => read(file, 'x-1.2.0.tar.gz', LIMITS));
      if (bundle === undefined) return;
      assert.ok(bundle.files.size <= LIMITS.entries, 'it holds more files than it may');
      assert.ok(bundle.iconData.length <= 2 * LIMITS.iconBytes, 'its icon is larger than it may');
      assert.ok(bundle.manifest.id !== '' && bundle.manifest.version !== '', 'it has no name');
      for (const name of bundle.files.keys()) assertInside(name);
      await accepted(() => inspectContents(bundle, 'x-1.2.0.tar.gz'));
      checkBundle(bundle, { id: 'x', version: '1.0.0' }, 'linux-amd64');
      const entry = makeEntry({
        bundle,
        placement: { author: 'community', stage: 'beta', isEnterprise: false, hosting: '' },
        repoName: 'x',
        downloadUrl: 'https://example.com/x.tar.gz',
        signature: '',
        platforms: {},
        now: NOW,
      });
      checkEntry(entry);
    },
    stop,
  };
}

/** Most edits are made inside of the archive, for few that are made outside come through the decompression. */
function mutateBundle(random: Random, sample: Buffer): Buffer {
  if (random.chance(0.1)) return mutateBytes(random, sample);
  let tar: Buffer = Buffer.from(gunzipSync(sample));
  if (random.chance(0.3)) tar = mutateBytes(random, tar);
  else for (let edits = 1 + random.below(3); edits > 0; edits--) editTar(random, tar);
  const gzip = gzipSync(tar, { level: 1 });
  return random.chance(0.05) ? Buffer.concat([gzip, gzip]) : gzip;
}

const BLOCK = 512;

/** The fields of a tar header: name, mode, size, time, kind, target of a link, format, prefix. The size has two turns. */
const FIELD_STARTS = [0, 100, 124, 124, 136, 156, 157, 257, 345];
const FIELD_BYTES = [100, 8, 12, 12, 12, 1, 100, 8, 155];

/** Values that mean something in some field, or did harm in one. */
const FIELD_VALUES = [
  ...'0 5 x g L K S 1 2 7 V D \0 -5 77777777777 1000 plugin/plugin.json'.split(' '),
  ...'00000000000 00000000010 00000001000 ustar\0\x30\x30'.split(' '),
  ...['\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff', '\xff'.repeat(12), 'ustar  \0'],
];

/** Records of a PAX header with sizes and paths that no archive has. */
const PAX = [
  ...'size=-5 size=1e9 size=99999999999999999999 path=../x path= x ='.split(' '),
  'GNU.sparse.major=1',
];

/** Changes a header in place, or the data behind one, and fixes the checksum. */
function editTar(random: Random, tar: Buffer): void {
  const headers = Array.from({ length: tar.length / BLOCK }, (_, i) => i * BLOCK).filter(
    (at) => tar.toString('latin1', at + 257, at + 262) === 'ustar',
  );
  const at = headers.length > 0 ? random.pick(headers) : 0;
  const header = tar.subarray(at, at + BLOCK);
  if (random.chance(0.2)) {
    const text = random.pick(PAX);
    const length = text.length + 4;
    tar.write(`${length} ${text}\n`.padStart(length, '0'), at + BLOCK, 'latin1');
    header.write(random.pick(['x', 'g']), 156);
    header.write(length.toString(8).padStart(11, '0'), 124);
  } else {
    const field = random.below(FIELD_STARTS.length);
    const [start, length] = [FIELD_STARTS[field] ?? 0, FIELD_BYTES[field] ?? 0];
    const value = random.chance(0.7) ? random.pick(FIELD_VALUES) : random.pick(ODD_TEXTS);
    header.fill(0, start, start + length);
    header.write(value, start, length, random.chance(0.8) ? 'latin1' : 'utf8');
  }
  if (random.chance(0.05)) return;
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

/** `pack.json`, and the report of `mirror --check`. */
export async function packs(open = openPack): Promise<FuzzTarget> {
  const { folder, stop } = await targetFolder();
  await mkdir(path.join(folder, 'bundles'));
  await writeFile(path.join(folder, 'plugins.json'), JSON.stringify([FULL_ENTRY]));
  await writeFile(path.join(folder, 'bundles/calls-1.2.0.tar.gz'), 'x');
  const sha256 = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
  const bundle = { path: 'bundles/calls-1.2.0.tar.gz', sha256, sizeBytes: 1 };
  const { download_url: url, signature } = FULL_ENTRY;
  const files = [
    { ...bundle, url, signature },
    { ...bundle, path: 'plugins.json' },
  ];
  const sample = { format: 1, baseUrl: 'https://example.com', files };
  return {
    samples: [Buffer.from(JSON.stringify(sample))],
    mutate: mutateJson,
    check: async ([input]) => {
      await writeFile(path.join(folder, 'pack.json'), input as Buffer);
      const pack = await accepted(() => open(folder));
      if (pack === undefined) return;
      for (const file of pack.files) assertInside(file.path);
      const { problems } = await checkPack(folder, { keys: [], now: NOW, onProgress: () => {} });
      problems.map(formatProblem);
      await writePack(folder, pack);
      const { files } = await open(folder);
      assert.equal(files.length, pack.files.length, 'a pack that was written is read otherwise');
    },
    stop,
  };
}
