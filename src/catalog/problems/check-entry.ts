import type { z } from 'zod';
import { type Finding, type JsonPath, valueAt } from '../../lib/json/finding.ts';
import { decodeGo, type GoType, type OtherSpelling } from '../../mattermost/answers/go-decoder.ts';
import { findUndecodable } from '../../mattermost/answers/undecodable.ts';
import { nameLines } from '../../mattermost/server-line.ts';
import { entrySchema, PLATFORM } from '../schema.ts';
import { findGoFieldName } from './go-field-names.ts';

/**
 * Everything in which one parsed entry breaks the schema, and what a server would not decode; empty where it is an `Entry`.
 * Paths start at the entry.
 */
export function checkEntry(entry: unknown): Finding[] {
  const goName = findGoFieldName(entry);
  // By today's names everything is missing, which is no help.
  if (goName !== undefined) return [{ path: [goName], atKey: true, ...OF_2019 }];
  const issues = entrySchema.safeParse(entry).error?.issues ?? [];
  const findings = [...issues.map((issue) => toFinding(entry, issue)), ...findProtoPlatform(entry)];
  const isKnown = ({ path }: Finding) => findings.some((known) => isWithin(path, known.path));
  return [...findings, ...findUnreadable(entry).filter((finding) => !isKnown(finding))];
}

const OF_2019 = {
  message: 'is a field name of 2019',
  remedy: 'bring the catalog to its form of today with: npm run catalog -- migrate',
};

function isWithin(path: JsonPath, outer: JsonPath): boolean {
  return outer.every((step, i) => path[i] === step);
}

/** The fields of an entry that servers do not read: only the catalog knows them. */
export const CATALOG_FIELDS: GoType = {
  kind: 'struct',
  fields: {
    repo_name: { kind: 'any' },
    updated_at: { kind: 'any' },
    platforms: {
      kind: 'map',
      of: { kind: 'struct', fields: { download_url: { kind: 'any' }, signature: { kind: 'any' } } },
    },
  },
};

/** What keeps servers from reading any list with this entry, and keys that they read as another spelling. */
function findUnreadable(entry: unknown): Finding[] {
  const { wrongTypes } = findUndecodable(entry);
  return [
    ...wrongTypes.map(({ path, found, takes, lines }) => ({
      path,
      found: valueAt(entry, path),
      message: `is ${found} where a Mattermost server takes ${takes}`,
      remedy: `write ${takes}: as it is, servers ${nameLines(lines)} could read no list that has this entry`,
    })),
    ...findOtherSpellings(entry).map(({ path, field }) => ({
      path,
      atKey: true as const,
      message: `is a key that Go reads as ${JSON.stringify(field)}, which it differs from in case only`,
      remedy: `write it ${JSON.stringify(field)}`,
    })),
  ];
}

/** Keys in another spelling that Go reads as a field of an entry, including fields that only the catalog knows. */
export function findOtherSpellings(entry: unknown): readonly OtherSpelling[] {
  return [
    ...findUndecodable(entry).otherSpellings,
    ...decodeGo(CATALOG_FIELDS, entry).otherSpellings,
  ];
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

/** Zod skips a key named `__proto__`. As an unknown field it is kept like any other; as a platform it is wrong. */
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
