import type { Finding } from './finding.ts';

/**
 * How deep a catalog may nest. A manifest with all its settings needs about eight levels; what parses thousands deep is an
 * accident or an attack, and overflows the stack of whatever walks it.
 */
export const MAX_DEPTH = 100;

/** Finds JSON that a JavaScript value, or an answer made of it, would not keep: numbers too large, nesting too deep. */
export function findUnkeepable(document: unknown, maxDepth = MAX_DEPTH): Finding[] {
  const findings: Finding[] = [];
  const path: (string | number)[] = [];

  function visit(value: unknown): void {
    if (typeof value === 'number') {
      if (!isKept(value)) {
        findings.push({
          path: [...path],
          found: value,
          message: 'is a number too large to be kept exactly',
          remedy: 'write it as a string, in double quotes',
        });
      }
    } else if (typeof value === 'object' && value !== null) {
      if (path.length === maxDepth) {
        findings.push({
          path: [...path],
          message: `is nested more than ${maxDepth} levels deep`,
          remedy: 'flatten it',
        });
      } else if (Array.isArray(value)) {
        for (const [index, item] of value.entries()) {
          path.push(index);
          visit(item);
          path.pop();
        }
      } else {
        for (const [key, item] of Object.entries(value)) {
          path.push(key);
          visit(item);
          path.pop();
        }
      }
    }
  }

  visit(document);
  return findings;
}

function isKept(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}
