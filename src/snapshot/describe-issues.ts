import type { z } from 'zod';
import type { Problem } from '../errors.ts';

/** More tell no more. */
const MOST_PROBLEMS = 20;

/**
 * What a schema finds wrong with a document, as problems: at most 20. Needs the input in the issues, `reportInput`.
 *
 * @param file how messages call the document
 * @param above the place in it of what was checked
 */
export function describeIssues(
  { issues }: z.ZodError,
  file: string,
  above: readonly PropertyKey[] = [],
): Problem[] {
  return issues.slice(0, MOST_PROBLEMS).map(({ path, message, input }) => ({
    level: 'error',
    file,
    path: formatPath([...above, ...path]),
    found: show(input),
    message: message.charAt(0).toLowerCase() + message.slice(1),
  }));
}

/** An object is not shown: it may be as large as the document, or nest too deeply for that. */
function show(input: unknown): string {
  if (typeof input === 'object' && input !== null) return Array.isArray(input) ? '[…]' : '{…}';
  return (JSON.stringify(input) ?? 'nothing').slice(0, 80);
}

/** `files[3].gzip.size` */
function formatPath(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '');
}
