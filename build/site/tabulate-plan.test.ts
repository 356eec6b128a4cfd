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
  isPublished: true,
  setting: '--page-sizes 100',
  ...more,
});

/** The part of a plan that is in the table. */
function planOf(parts: readonly PartPlan[], code?: string): SitePlan {
  const files = parts.reduce((sum, { files }) => sum + files, 0);
  const bytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const cloudFront = code === undefined ? undefined : { code };
  return { parts, answers: { size: { files, bytes } }, cloudFront } as unknown as SitePlan;
}

const parts = [
  part('lists', { tier: 1, files: 450, bytes: 137_300_000, setting: '' }),
  part('search', { tier: 2, isPublished: false, setting: '--search off' }),
  part('pages', { files: 0, bytes: 0 }),
];

const TABLE = [
  'tier  part              files     bytes  published  setting',
  '1     lists               450  137.3 MB  yes',
  '2     search                             no         --search off',
  '3     pages                 0   0 bytes  yes        --page-sizes 100',
  '      published in all    450  137.3 MB',
  '',
].join('\n');

test('a plan is a table with a row a part, numbers to the right, and the CloudFront Function', () => {
  const expected = `${TABLE}CloudFront Function: 4 bytes\n`;
  assert.equal(tabulatePlan(planOf(parts, 'é23')), expected);
});

test('without CloudFront among the hosts, the table has no function', () => {
  assert.equal(tabulatePlan(planOf(parts)), TABLE);
});
