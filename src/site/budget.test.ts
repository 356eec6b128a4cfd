import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import glob from 'fast-glob';
import { makeFolder } from '../../test/make-folder.ts';
import { buildPlainSite } from '../../test/sites/plain-site.ts';
import { GENEROUS, readReleases } from '../../test/sites/planned-site.ts';
import { planSite } from './plan/plan-site.ts';

/** Answers of less and of more than the kilobyte from which on files are compressed, with icons that compress well or hardly. */
const releases = readReleases(
  ['alpha', 'beta', 'gamma', 'delta'].flatMap((id, i) =>
    ['1.0.0', '1.1.0'].map((version, j) => ({
      icon_data: i % 2 ? `data:image/png;base64,${'QUJD'.repeat(100 * (i + 1))}` : '',
      manifest: {
        id,
        version,
        name: `The ${id} plugin`,
        description: i < 2 ? 'talks to Jira' : 'shows a board',
        min_server_version: j === 0 ? '' : `${6 + i}.0.0`,
      },
    })),
  ),
);

const OPTIONS = { ...GENEROUS, hosts: ['nginx'] as const, pageSizes: [2, 3, 100], releases };

/** What the answers of a build take on disk. */
async function measureAnswers(out: string, id: string) {
  const folder = path.join(out, 'snapshots', id, 'api/plugins');
  const files = await glob('**', { cwd: folder });
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(path.join(folder, file))).size),
  );
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

for (const compress of ['off', 'gzip', 'both'] as const) {
  const options = { ...OPTIONS, compress };
  const whole = await planSite(options);
  const all = whole.answers.measure();
  const least = (await planSite({ ...options, maxFiles: 0, maxBytes: 0 })).answers.measure();

  test(`--compress ${compress}: the budget is what is on disk, and all of it is used up where everything fits just so`, async () => {
    const fitting = await planSite({ ...options, maxFiles: all.files, maxBytes: all.bytes });
    assert.deepEqual([fitting.warnings, fitting.published], [[], whole.published]);
    for (const short of [{ maxFiles: all.files - 1 }, { maxBytes: all.bytes - 1 }]) {
      const { parts } = await planSite({ ...options, ...short });
      assert.equal(parts.at(-1)?.isPublished, false, 'the last part does not fit');
      assert.ok(parts.slice(0, -1).every(({ isPublished }) => isPublished));
    }
  });

  test(`--compress ${compress}: no build takes more than its budget, but for what servers ask for`, async (t) => {
    const folder = await makeFolder(t);
    for (const share of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      for (const limit of [
        { maxFiles: Math.floor(share * all.files) },
        { maxBytes: Math.floor(share * all.bytes) },
      ]) {
        const { maxFiles, maxBytes } = { ...options, ...limit };
        const out = path.join(folder, 'dist');
        const { snapshot } = await buildPlainSite({ ...options, ...limit, out });
        const found = await measureAnswers(out, snapshot.id);
        const message = `${JSON.stringify(limit)}: ${JSON.stringify(found)}`;
        assert.ok(found.files <= Math.max(maxFiles, least.files), message);
        assert.ok(found.bytes <= Math.max(maxBytes, least.bytes), message);
        const planned = (await planSite({ ...options, ...limit })).answers.measure();
        assert.deepEqual(found, planned, 'as it was counted');
        if (share === 0) assert.deepEqual(found, least, 'invariant 2');
      }
    }
  });
}
