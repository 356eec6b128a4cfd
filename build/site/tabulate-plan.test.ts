import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartPlan } from '../../src/site/plan/part-plan.ts';
import type { SitePlan } from '../../src/site/plan/plan-site.ts';
import { tabulatePlan } from './tabulate-plan.ts';

const part = (name: string, more: Partial<PartPlan>): PartPlan => ({
  tier: 3,
  name,
  files: 0,
  bytes: 0,
  isCounted: true,
  isPublished: true,
  setting: '--page-sizes 100',
  ...more,
});

/** The part of a plan that is in the table. */
function planOf(parts: readonly PartPlan[], router: string): SitePlan {
  const published = parts.filter(({ isPublished }) => isPublished);
  const count = published.reduce((sum, { files }) => sum + files, 0);
  const bytes = published.reduce((sum, { bytes }) => sum + bytes, 0);
  return { parts, answers: { count, bytes }, router } as SitePlan;
}

test('a plan is a table with a row a part, numbers to the right, and the router', () => {
  const parts = [
    part('lists', { tier: 1, files: 450, bytes: 137_300_000, setting: '' }),
    part('search', { tier: 2, files: 16_118, bytes: 3.1e9, isPublished: false, isCounted: false }),
    part('pages', { files: 0, bytes: 0 }),
  ];
  assert.equal(
    tabulatePlan(planOf(parts, 'é23')),
    [
      'tier  part                files     bytes  published  setting',
      '1     lists                 450  137.3 MB  yes',
      '2     search            > 16118  > 3.1 GB  no         --page-sizes 100',
      '3     pages                   0   0 bytes  yes        --page-sizes 100',
      '      published in all      450  137.3 MB',
      'router: 4 bytes',
      '',
    ].join('\n'),
  );
});
