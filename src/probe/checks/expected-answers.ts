import type { Release } from '../../catalog/release.ts';
import { digestOf } from '../../lib/digests.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { renderAnswer, renderRelease } from '../../query/render.ts';
import { parseFilter } from '../../router/request/parse-filter.ts';
import type { Fault } from '../findings.ts';
import { type ComparePluginsOptions, comparePlugins, isPluginList } from './compare-plugins.ts';

/** Compares the body of an answer with what a catalog answers to the same query. */
export type CompareAnswer = (query: string, body: string) => readonly Fault[];

/** Compares answers with what the evaluator makes of a catalog. */
export function compareWithCatalog(
  releases: readonly Release[],
  options: ComparePluginsOptions,
): CompareAnswer {
  const catalog = indexCatalog(releases);
  // Servers of a step get the same answers.
  const known = new Map<string, readonly Fault[]>();
  return (query, body) => {
    const filter = parseFilter(query);
    const found = 'error' in filter ? null : evaluate(catalog, filter);
    if ('error' in filter || found === null) return [];
    const expected = renderAnswer(
      found.map(({ release }) => renderRelease(release, filter.platform)),
    );
    if (body === expected) return [];
    const key = digestOf(`${expected}\n${body}`);
    const faults = known.get(key) ?? compareBodies(body, expected, options);
    known.set(key, faults);
    return faults;
  };
}

function compareBodies(body: string, expected: string, options: ComparePluginsOptions): Fault[] {
  const [found, wanted] = [parse(body), parse(expected)];
  // What is no list at all is a finding already.
  if (!isPluginList(found) || !isPluginList(wanted)) return [];
  return comparePlugins(found, wanted, options);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
