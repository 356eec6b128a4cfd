import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Bucket } from '../../src/publish/aws/target.ts';
import { checkLoss, compareCatalogs } from '../../src/publish/probe/check-loss.ts';
import {
  deploymentKey,
  idOfManifestKey,
  parseDeploymentKey,
} from '../../src/publish/records/object-keys.ts';
import { readPruneRecord, refuseRemoved } from '../../src/publish/records/prune-record.ts';
import { parseStoreKeys } from '../../src/publish/store/store-keys.ts';
import { hostFiles, plainFiles } from '../../src/publish/stored-files.ts';
import { planUpload } from '../../src/publish/upload.ts';
import { parseSnapshot } from '../../src/snapshot/parse-snapshot.ts';
import { makeRouter } from '../../src/snapshot/table/make-router.ts';
import { parseRouter } from '../../src/snapshot/table/parse-router.ts';
import type { Random } from '../random.ts';
import { builtSite } from '../sites/built-site.ts';
import { accepted, assertInside, type FuzzTarget } from './fuzz-target.ts';
import { mutateBytes, mutateJson, ODD_TEXTS } from './mutate.ts';
import { CATALOGS } from './samples.ts';

const ID = '0123456789abcdef';

/** The `snapshot.json` of a real build with a few of its files. */
async function makeSnapshot(): Promise<Buffer> {
  const { releases } = parseCatalog(String(CATALOGS[0]), 'plugins.json');
  const site = await builtSite(releases);
  const text = await readFile(path.join(site.out, 'snapshot.json'), 'utf8');
  await site.remove();
  const snapshot = JSON.parse(text);
  return Buffer.from(JSON.stringify({ ...snapshot, files: snapshot.files.slice(0, 4) }));
}

/** Half of the edits are made in the routing tables, for they are code in a way. */
function mutateSnapshot(random: Random, sample: Buffer): Buffer {
  if (random.chance(0.5)) return mutateJson(random, sample);
  const snapshot = JSON.parse(sample.toString());
  const { router } = snapshot;
  const field = random.pick(['table', 'cloudFront']);
  const table = mutateJson(random, Buffer.from(JSON.stringify(router[field])));
  router[field] = '@';
  return Buffer.from(JSON.stringify(snapshot).replace('"@"', () => table.toString()));
}

/** The requests to a router: pages, lists, plugins, searches. */
const TARGETS = [
  ...['/', '/plugins/todo/', '/favicon.ico', '/api/v1/labels', '/api/v1/plugins'],
  '/api/v1/plugins?server_version=10.0.0&platform=linux-amd64',
  '/api/v1/plugins?plugin_id=todo&return_all_versions=true',
  '/api/v1/plugins?filter=calls',
  '/api/v1/plugins?filter=o&page=1&per_page=1',
  '/api/v1/plugins?filter=todo&server_version=5.20.0',
];

/** `snapshot.json` of a foreign build, and the router made from it. */
export async function snapshots(parse = parseSnapshot): Promise<FuzzTarget> {
  return {
    samples: [await makeSnapshot()],
    mutate: mutateSnapshot,
    check: async ([input]) => {
      const snapshot = await accepted(() => parse(String(input), 'dist/snapshot.json'));
      if (snapshot === undefined) return;
      for (const { path, contentType } of snapshot.files) {
        assertInside(path);
        new Headers({ 'content-type': contentType });
      }
      const made = await accepted(() => parseRouter(snapshot, 'dist/snapshot.json'));
      if (made === undefined) return;
      for (const ask of [made.table, made.cloudFront ?? made.table].map(makeRouter)) {
        for (const target of TARGETS) {
          const routed = ask('GET', target);
          if ('path' in routed) assertInside(routed.path.slice(1));
        }
      }
    },
  };
}

/** `snapshot.json` in the bucket, as publishing reads it. */
export async function manifests(parse = parseSnapshot): Promise<FuzzTarget> {
  const sample = await makeSnapshot();
  const good = parseSnapshot(sample.toString(), 'snapshot.json');
  return {
    samples: [sample],
    mutate: mutateSnapshot,
    check: async ([input]) => {
      const manifest = await accepted(() => parse(String(input), 's3://bucket/snapshot.json'));
      if (manifest === undefined) return;
      for (const { path } of manifest.files) assertInside(path);
      for (const [one, other] of [
        [good, manifest],
        [manifest, good],
      ] as const) {
        compareCatalogs(one.catalog, other.catalog);
        await accepted(() => checkLoss(one.catalog, other.catalog));
        const files = [...plainFiles(one), ...hostFiles(one, Buffer.from(input ?? ''))];
        for (const { file } of planUpload(files, [], plainFiles(other)).transfers) {
          assertInside(file.key);
          assertInside(file.path);
        }
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

/** `cloudfront-store.json` of a foreign build or in the bucket. */
export function storeKeys(parse = parseStoreKeys): FuzzTarget {
  const keys = { jira: '0:12 5:13', 'com.mattermost.calls': '1:é', all: '' };
  return {
    samples: [Buffer.from(JSON.stringify({ format: 1, keys }))],
    mutate: mutateJson,
    check: async ([input]) => {
      const read = await accepted(() => parse(String(input), 'dist/cloudfront-store.json', ID));
      for (const [key, value] of read ?? []) {
        assert.match(key, new RegExp(`^${ID}/[!-~]{1,495}$`));
        assert.ok(Buffer.byteLength(value) <= 1000);
      }
    },
  };
}
