import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { findWaiting, recordFirstSeen } from './first-seen.ts';

const day = (number: number) => `2024-05-${String(number).padStart(2, '0')}T00:00:00.000Z`;

const release = (updated_at: string | undefined, more: object = {}) => {
  const entry = {
    download_url: 'https://example.com/jira.tar.gz',
    signature: 'c2ln',
    ...more,
    ...(updated_at !== undefined && { updated_at }),
    manifest: { id: 'jira', version: '1.0.0' },
  };
  return parseCatalog(JSON.stringify([entry]), 'test.json').releases;
};

const dates = (seen: Readonly<Record<string, string>>) => Object.values(seen);

// What it is, `updated_at`, whether there was a fetch on the 10th, which saw nothing; since when it counts on the 20th.
const FIRST: readonly [string, string | undefined, boolean, string][] = [
  ['a date is believed on the first fetch', day(1), false, day(1)],
  ['a date after the last fetch is believed', day(15), true, day(15)],
  ['a date in another time zone is the same', '2024-05-15T02:00:00+02:00', true, day(15)],
  ['a date before the last fetch, which did not see it, is a lie', day(1), true, day(20)],
  ['the moment of the last fetch is no better', day(10), true, day(20)],
  ['a date in the future is a lie', day(21), true, day(20)],
  ['without a date, it is as old as it was seen', undefined, true, day(20)],
  ['so it is on the first fetch', undefined, false, day(20)],
];

for (const [what, updatedAt, hadFetch, since] of FIRST) {
  test(what, () => {
    const before = hadFetch ? { fetchedAt: day(10), firstSeen: {} } : undefined;
    const seen = recordFirstSeen(release(updatedAt), new Date(day(20)), before);
    assert.deepEqual(dates(seen), [since]);
  });
}

// What changes of a release that was seen on the 15th, and whether it is a new one.
const CHANGED: readonly [object, boolean][] = [
  [{}, false],
  [{ labels: [{ name: 'Deprecated' }], homepage_url: 'https://example.com' }, false],
  [{ platforms: { 'linux-amd64': {} } }, true],
  [{ signature: 'b3RoZXI=' }, true],
  [{ download_url: 'https://example.org/jira.tar.gz' }, true],
];

for (const [more, isNew] of CHANGED) {
  test(`${JSON.stringify(more)} makes ${isNew ? 'a new release' : 'no new release'}`, () => {
    const firstSeen = recordFirstSeen(release(day(15)), new Date(day(15)));
    const before = { fetchedAt: day(15), firstSeen };
    const seen = recordFirstSeen(release(day(1), more), new Date(day(20)), before);
    assert.deepEqual(dates(seen).sort(), isNew ? [day(15), day(20)] : [day(15)]);
  });
}

test('a release that was dated back is as young as before, and one that comes back is as old', () => {
  const firstSeen = recordFirstSeen(release(day(15)), new Date(day(15)));
  const gone = recordFirstSeen([], new Date(day(16)), { fetchedAt: day(15), firstSeen });
  const back = recordFirstSeen(release(day(1)), new Date(day(17)), {
    fetchedAt: day(16),
    firstSeen: gone,
  });
  assert.deepEqual(back, firstSeen);
});

test('what was seen in the future, by a clock that was wrong, is seen now', () => {
  const firstSeen = recordFirstSeen(release(undefined), new Date(day(25)));
  const before = { fetchedAt: day(25), firstSeen };
  const seen = recordFirstSeen(release(undefined), new Date(day(20)), before);
  assert.deepEqual(dates(seen), [day(20)]);
  const later = { fetchedAt: day(20), firstSeen: seen };
  assert.deepEqual(recordFirstSeen(release(undefined), new Date(day(21)), later), seen);
});

// The minimum age, the day of the fetch, until when it waits.
const AGES: readonly [number, string, string | undefined][] = [
  [0, day(15), undefined],
  [5, day(15), day(20)],
  [5, '2024-05-19T23:59:59.999Z', day(20)],
  [5, day(20), undefined],
  [5, day(10), day(20)],
];

for (const [days, fetchedAt, until] of AGES) {
  test(`of ${days} days, one of the 15th ${until ? 'waits' : 'comes'} on ${fetchedAt}`, () => {
    const releases = release(day(15));
    const firstSeen = recordFirstSeen(releases, new Date(day(15)));
    const waiting = findWaiting({ fetchedAt, releases, firstSeen }, days);
    assert.deepEqual(
      waiting.map((one) => one.until),
      until === undefined ? [] : [until],
    );
  });
}

test('what nobody recorded waits', () => {
  const releases = release(day(1));
  const [waiting] = findWaiting({ fetchedAt: day(15), releases, firstSeen: {} }, 5);
  assert.equal(waiting?.until, day(20));
});
