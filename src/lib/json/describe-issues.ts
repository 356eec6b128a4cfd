import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { formatLocation, type JsonPath, showValue } from './finding.ts';

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
