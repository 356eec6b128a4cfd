import assert from 'node:assert/strict';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { renderAnswer } from '../../src/query/render.ts';
import { type PlanOptions, planSite } from '../../src/site/plan/plan-site.ts';
import { joinPieces } from '../../src/site/write/answer-files.ts';

/** A request to the API. */
export const ask = (query: string) => ({ method: 'GET', path: '/api/v1/plugins', query });

/** Entries as a catalog that was read. */
export const readReleases = (entries: readonly object[]): readonly Release[] =>
  parseCatalog(JSON.stringify(entries), 'test.json').releases;

/** Settings with which everything is published, whatever it costs. */
export const GENEROUS = {
  pageSizes: [10, 20, 25, 50, 100],
  search: true,
  everyPageSize: true,
  allLists: true,
  compress: 'off' as const,
  hosts: ['cloudfront', 'nginx', 'cloudflare', 'apache', 'caddy', 'haproxy'] as const,
  maxFiles: 1e6,
  maxBytes: 1e12,
  routerBytes: 10_000,
};

/** The site that a plan would write, without writing it: its router, and what lies in a path. */
export async function plannedSite(
  releases: readonly Release[],
  settings: Partial<PlanOptions> = {},
) {
  const plan = await planSite({ ...GENEROUS, ...settings, releases });
  const { answers, space } = plan;
  const byPath = new Map(answers.answers.map((answer) => [answer.path, answer]));
  const read = (path: string): string => {
    if (path.endsWith('/api/empty.json')) return renderAnswer([]);
    const answer = byPath.get(path);
    assert.ok(answer, `invariant 1: no answer lies in ${path}`);
    return joinPieces(answer, space.rendered).toString();
  };
  const contents = new Set(
    answers.answers.map(({ releases, form }) =>
      releases.map(({ position }) => space.rendered.forms[position]?.[form]).join(),
    ),
  );
  // Besides the answers there are four files of the API: the empty answer, labels, health and the catalog.
  const filesPerContent = (answers.answers.length + 4) / (contents.size + 4);
  return { plan, code: plan.cloudFront?.code ?? '', read, filesPerContent };
}
