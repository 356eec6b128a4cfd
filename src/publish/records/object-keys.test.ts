import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  deploymentKey,
  idOfManifestKey,
  idOfRouter,
  isSnapshotId,
  manifestKey,
  parseDeploymentKey,
} from './object-keys.ts';

const ID = '0123456789abcdef';

// Texts that contain an id or look like one, but are not ids.
const noIds = [
  '',
  ID.slice(1),
  `${ID}0`,
  `x${ID}`,
  `${ID}\n`,
  `${ID}/..`,
  `../${ID}`,
  ID.toUpperCase(),
  'g'.repeat(16),
];

test('an id has sixteen hex digits and nothing else, also in keys', () => {
  assert.ok(isSnapshotId(ID));
  assert.equal(idOfManifestKey(manifestKey(ID)), ID);
  for (const id of noIds) {
    assert.ok(!isSnapshotId(id), JSON.stringify(id));
    assert.equal(idOfManifestKey(manifestKey(id)), null, JSON.stringify(id));
  }
});

test('only the key of a manifest is one', () => {
  const key = manifestKey(ID);
  for (const other of [`${key}.gz`, `x/${key}`, key.replace('snapshot', 'other'), key.slice(0, -5)])
    assert.equal(idOfManifestKey(other), null, other);
});

test('the key of a deployment is parsed, and any other key skipped', () => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  assert.deepEqual(parseDeploymentKey(deploymentKey(at, ID)), { at, id: ID });
  for (const id of noIds)
    assert.equal(parseDeploymentKey(`deployments/2026-01-02-${id}.json`), null);
  for (const key of [
    `deployments/soon-${ID}.json`,
    `deployments/${at.toISOString()}-${ID}.json.tmp`,
    `x/deployments/${at.toISOString()}-${ID}.json`,
    `deployments/${at.toISOString()}${ID}.json`,
    // Dates that only JavaScript accepts, among them its last one.
    ...[
      ...['2026', 'Jan 2 2026', '2026-01-02T03:04:05Z', '2026-02-30T00:00:00.000Z', '__proto__'],
      ...['+275760-09-13T00:00:00.000Z', '-000001-01-01T00:00:00.000Z', '../2026-01-02'],
    ].map((when) => `deployments/${when}-${ID}.json`),
  ])
    assert.equal(parseDeploymentKey(key), null, key);
});

test('a router names its snapshot, and other code none', () => {
  assert.equal(idOfRouter(`var root = '/snapshots/${ID}/';`), ID);
  assert.equal(idOfRouter('function handler(event) { return event.request; }'), null);
  assert.equal(idOfRouter(`'/snapshots/${ID.slice(1)}/'`), null);
  assert.equal(idOfRouter(`'/snapshots/${ID}0/'`), null);
});
