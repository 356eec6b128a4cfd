import type { z } from 'zod';
import { type Finding, valueAt } from './finding.ts';
import { entrySchema, PLATFORM } from './schema.ts';

/**
 * Everything in which one parsed entry breaks the schema; empty where it is an `Entry`.
 * Paths start at the entry.
 */
export function checkEntry(entry: unknown): Finding[] {
  const issues = entrySchema.safeParse(entry).error?.issues ?? [];
  return [...issues.map((issue) => toFinding(entry, issue)), ...findProtoPlatform(entry)];
}

function toFinding(entry: unknown, issue: z.core.$ZodIssue): Finding {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'invalid_key') {
    return { path, atKey: true, ...splitRule(issue.issues[0]?.message ?? issue.message) };
  }
  const found = valueAt(entry, path);
  const rule = splitRule(issue.message);
  return found === undefined ? { path, ...rule, message: 'is missing' } : { path, found, ...rule };
}

/** Zod passes over a key named `__proto__`. As an unknown field it is kept like any other; as a platform it is wrong. */
function findProtoPlatform(entry: unknown): Finding[] {
  const key = '__proto__';
  if (valueAt(entry, ['platforms', key]) === undefined) {
    return [];
  }
  const [issue] = PLATFORM.safeParse(key).error?.issues ?? [];
  return [{ path: ['platforms', key], atKey: true, ...splitRule(issue?.message ?? '') }];
}

function splitRule(rule: string) {
  const [message = rule, remedy = 'see plugins.schema.json'] = rule.split(' — ');
  return { message, remedy };
}
