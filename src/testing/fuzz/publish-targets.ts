import assert from 'node:assert/strict';
import type { Bucket } from '../../publish/bucket.ts';
import { checkLoss, compareCatalogs } from '../../publish/check-loss.ts';
import { deploymentKey, idOfManifestKey, parseDeploymentKey } from '../../publish/object-keys.ts';
import { parseManifest } from '../../publish/parse-manifest.ts';
import { planUpload } from '../../publish/plan-upload.ts';
import { readPruneRecord, refuseRemoved } from '../../publish/prune-record.ts';
import { makeRouter } from '../../routing/make-router.ts';
import { fixtureTable } from '../../server/fixture-site.ts';
import { parseSnapshot } from '../../snapshot/parse-snapshot.ts';
import { accepted, assertInside, type FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';
import { ODD_TEXTS } from './odd-texts.ts';

const ID = '0123456789abcdef';
const SHA256 = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';

const file = (path: string, contentType = 'application/json') => ({
  path,
  sha256: SHA256,
  size: 3,
  contentType,
});

/** A `snapshot.json` with something in every field. */
const SNAPSHOT = {
  id: ID,
  compress: 'both',
  catalog: { plugins: 1, releases: 2, versions: { calls: ['1.0.0', '1.1.0'] } },
  published: {
    steps: ['9.5.0'],
    platforms: ['default', 'linux-amd64'],
    search: true,
    pageSizes: { newest: [100], all: [], search: 'every' },
    parts: [],
  },
  router: {
    version: ID,
    table: {
      ...fixtureTable(ID),
      steps: '=any A9A5A0~ =unspecified',
      platforms: 'default linux-amd64',
      ...{ patterns: '()', classes: '(()', plugins: '\ncalls (((', texts: '\n|calls' },
      ...{ idAbbreviations: '\nAll', lowerCase: ['Ü', 'ü'] },
    },
  },
  files: [
    file('edge/cloudfront-function.js', 'application/javascript'),
    { ...file(`snapshots/${ID}/api/labels.json`), gzip: { sha256: SHA256, size: 23 } },
    file(`snapshots/${ID}/site/index.html`, 'text/html; charset=utf-8'),
  ],
};

const TARGETS = ['', '&filter=c', '&plugin_id=calls', '&return_all_versions=true&per_page=1'].map(
  (more) => `/api/v1/plugins?server_version=9.6.0&platform=linux-amd64${more}`,
);

/** `snapshot.json` of a build that somebody gave us. */
export function snapshots(parse = parseSnapshot): FuzzTarget {
  return {
    samples: [Buffer.from(JSON.stringify(SNAPSHOT))],
    mutate: mutateJson,
    check: async ([input]) => {
      const snapshot = await accepted(() => parse(String(input), 'dist/snapshot.json'));
      for (const { path, contentType } of snapshot?.files ?? []) {
        assertInside(path);
        new Headers({ 'content-type': contentType });
      }
    },
  };
}

/** `snapshot.json` in the bucket, and what publishing makes of it. */
export function manifests(parse = parseManifest): FuzzTarget {
  const good = parseManifest(JSON.stringify(SNAPSHOT), 'snapshot.json');
  return {
    samples: [Buffer.from(JSON.stringify(SNAPSHOT))],
    mutate: mutateJson,
    check: async ([input]) => {
      const manifest = await accepted(() => parse(String(input), 's3://bucket/snapshot.json'));
      if (manifest === undefined) return;
      for (const { path } of manifest.files) assertInside(path);
      const ask = makeRouter(manifest.router.table);
      for (const target of TARGETS) {
        const routed = ask('GET', target);
        if ('path' in routed) assertInside(routed.path.slice(1));
      }
      for (const [one, other] of [
        [good, manifest],
        [manifest, good],
      ] as const) {
        compareCatalogs(one.catalog, other.catalog);
        await accepted(() => checkLoss(one.catalog, other.catalog));
        for (const { file } of planUpload(one, [], other).transfers) assertInside(file.path);
      }
    },
  };
}

/** `prune.json`, and the keys of the bucket. */
export function records(read = readPruneRecord): FuzzTarget {
  const at = '2026-01-02T03:04:05.678Z';
  return {
    samples: [
      Buffer.from(JSON.stringify({ removing: [ID], at })),
      Buffer.from(deploymentKey(new Date(at), ID)),
      Buffer.from(`manifests/${ID}/snapshot.json`),
    ],
    mutate: (random, sample) =>
      sample[0] === 0x7b
        ? mutateJson(random, sample)
        : random.chance(0.5)
          ? mutateBytes(random, sample)
          : Buffer.from(String(sample).replace('2026-01-02T03:04:05.678Z', random.pick(ODD_TEXTS))),
    check: async ([input]) => {
      const bucket = { name: 'bucket', get: async () => ({ body: input as Buffer, etag: '"x"' }) };
      const record = await accepted(() => read(bucket as unknown as Bucket));
      if (record !== undefined) await accepted(() => refuseRemoved(record, ID));
      const deployment = parseDeploymentKey(String(input));
      if (deployment !== null) deploymentKey(deployment.at, deployment.id);
      assert.match(idOfManifestKey(String(input)) ?? ID, /^[0-9a-f]{16}$/);
    },
  };
}
