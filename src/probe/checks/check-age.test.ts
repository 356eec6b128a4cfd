import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReleases } from '../../../test/sites/planned-site.ts';
import { Findings } from '../findings.ts';
import { checkAge } from './check-age.ts';

const NOW = new Date('2026-05-11T12:00:00Z');

// The times of releases, `Last-Modified`, the most days, the age, the fault.
const cases: readonly (readonly [
  string[],
  string,
  number | undefined,
  number | null,
  RegExp | null,
])[] = [
  [['2026-05-01T00:00:00Z', '2020-01-01T00:00:00Z'], '', undefined, 10, null],
  [['2026-05-01T00:00:00Z'], '', 10, 10, null],
  [['2026-05-01T00:00:00Z'], '', 9, 10, /is 10 days old, from 2026-05-01, and at most 9/],
  [['2020-01-01T00:00:00Z'], 'Sun, 10 May 2026 12:00:00 GMT', 9, 1, null],
  [['2026-05-01T00:00:00Z'], 'yesterday', 9, 10, /is 10 days old/],
  [['2027-01-01T00:00:00Z'], '', 0, 0, null],
  [['0001-01-01T00:00:00Z'], '', undefined, null, null],
  [['0001-01-01T00:00:00Z'], '', 9, null, /its age is unknown/],
  [[], '', 9, null, /its age is unknown/],
];

for (const [times, lastModified, maxDays, days, fault] of cases) {
  test(`releases of ${times}, Last-Modified ${lastModified || 'missing'}, at most ${maxDays} days: ${fault ?? 'good'}`, () => {
    const releases = readReleases(
      times.map((updated_at, i) => ({ updated_at, manifest: { id: `p${i}`, version: '1.0.0' } })),
    );
    const findings = new Findings();
    const age = checkAge(releases, lastModified, { findings, now: NOW, maxDays });
    assert.equal(age?.days ?? null, days);
    const [found] = findings.list();
    if (fault === null) assert.equal(found, undefined);
    else assert.match(found?.message ?? '', fault);
  });
}
