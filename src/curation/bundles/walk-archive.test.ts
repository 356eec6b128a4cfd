import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeTar } from '../../../test/samples/plugin-bundles.ts';
import { ArchiveError } from './archive-error.ts';
import { BUNDLE_LIMITS, type BundleLimits } from './bundle-limits.ts';
import { walkArchive } from './walk-archive.ts';

const FILES = 5;
const tar = await makeTar([
  { name: 'a/', type: 'directory' },
  ...Array.from({ length: FILES - 1 }, (_, i) => [`a/${i}`, 'x'.repeat(100)] as const),
]);
const archive = gzipSync(tar);

const walk = (limits: Partial<BundleLimits>, mostBytes = 1000) =>
  walkArchive(Readable.from([archive]), { ...BUNDLE_LIMITS, ...limits }, () => mostBytes);

// What is limited, the amount in the archive, the limits, and the error for a limit one lower.
const limits: readonly (readonly [
  string,
  number,
  (limit: number) => ReturnType<typeof walk>,
  RegExp,
])[] = [
  ['entries', FILES, (entries) => walk({ entries }), /holds more than 4 files/],
  [
    'the file',
    archive.length,
    (compressedBytes) => walk({ compressedBytes }),
    /has more than \d+ bytes/,
  ],
  [
    'what is in it',
    tar.length,
    (unpackedBytes) => walk({ unpackedBytes }),
    /unpacks to more than \d+ bytes/,
  ],
  [
    'a file that is wanted',
    100,
    (mostBytes) => walk({}, mostBytes),
    /holds a a\/0 of more than 99 bytes/,
  ],
  [
    'the size from which the ratio counts',
    tar.length,
    (ratioFromBytes) => walk({ ratio: 1, ratioFromBytes }),
    /unpacks to more than 1 times its size/,
  ],
];

for (const [what, most, walkWith, expected] of limits) {
  test(`a limit to ${what} of ${most} lets through as much, and no more`, async () => {
    const { entries, wanted } = await walkWith(most);
    assert.equal(entries.length, FILES);
    assert.equal(wanted.size, FILES - 1);
    await assert.rejects(walkWith(most - 1), (error) => {
      assert.ok(error instanceof ArchiveError, String(error));
      assert.match(error.message, expected);
      return true;
    });
  });
}
