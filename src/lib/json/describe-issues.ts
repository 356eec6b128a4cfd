import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { formatLocation, type JsonPath, showValue } from './finding.ts';

/** For one document. */
export const MOST_PROBLEMS = 20;

/**
 * Turns what a schema finds in a document into problems, at most 20. Needs `reportInput`.
 *
 * @param file the name of the document in messages
 * @param above the path to the part that was checked
 */
export function describeIssues(
  { issues }: z.ZodError,
  file: string,
  above: JsonPath = [],
): Problem[] {
  return issues.slice(0, MOST_PROBLEMS).map(({ path, message, input }) => ({
    level: 'error',
    file,
    path: formatLocation([...above, ...(path as JsonPath)]),
    found: showValue(input),
    message: message.charAt(0).toLowerCase() + message.slice(1),
  }));
}
