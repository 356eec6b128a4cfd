import type { z } from 'zod';
import type { Problem } from '../errors.ts';

/** Of one document; more tell no more. */
export const MOST_PROBLEMS = 20;

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
    found: describeValue(input),
    message: message.charAt(0).toLowerCase() + message.slice(1),
  }));
}

function describeValue(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
  } catch {
    return 'what nests too deeply';
  }
}

/** `files[3].gzip.size` */
function formatPath(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '');
}
