import { Range, validRange } from 'semver';
import { z } from 'zod';
import { compareText } from '../../lib/compare-text.ts';
import type { Problem } from '../../lib/errors.ts';
import { parseJsonAs } from '../../lib/json/parse-json.ts';
import { matching, oneOf, text, url, version } from '../fields.ts';
import { DATE_TIME, isInCalendar } from '../problems/date-time.ts';

// The one definition of a notice: what maintainers say of releases that stay in the catalog.

/** The file of the notices, beside those of the catalog. Without a notice there is no file. */
export const NOTICES_FILE = 'notices.json';

/** How bad the vulnerability of an advisory is, the worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

const NOT_A_RANGE = 'is not a range of versions — write one as npm does, such as <4.1.2 or 4.0.x';

const IS_VULNERABLE =
  'is itself among the versions of the advisory — narrow them, such as to <4.1.2';

/** What every kind of notice has. */
const common = {
  /** The id of a plugin. */
  plugin: text().min(1, 'is empty — write the id of a plugin'),
  /** A semver range, which pre-releases are in, too; absent: every release. */
  versions: text()
    .max(256, 'is too long — write at most 256 characters')
    .refine((range) => validRange(range) !== null, NOT_A_RANGE)
    .exactOptional(),
};
const grounds = {
  /** The page that says why. */
  reason: url().min(1, 'is empty — write the address of a page that says why'),
  /** When the notice was given. */
  date: matching(DATE_TIME, 'is not a date and time').refine(isInCalendar, 'is not a date'),
};

const schema = z.discriminatedUnion(
  'kind',
  [
    /** Not offered to any server. */
    z.strictObject({ ...common, kind: z.literal('suspended'), ...grounds }),
    /** Offered with a label. */
    z.strictObject({ ...common, kind: z.literal('deprecated'), ...grounds }),
    /** Offered with a label: these releases have a vulnerability. */
    z
      .strictObject({
        ...common,
        kind: z.literal('advisory'),
        severity: oneOf(SEVERITIES, 'a severity'),
        title: matching(
          /^[^\s\p{C}](?:[^\p{C}]{0,198}[^\s\p{C}])?$/u,
          'is not a title — write a line of at most 200 characters',
        ).exactOptional(),
        /** The first version without it; absent: there is none yet. */
        fixed_in: version().exactOptional(),
        ...grounds,
      })
      .superRefine(({ versions, fixed_in: input }, context) => {
        if (input === undefined || !isInRange(input, versions)) return;
        context.addIssue({ code: 'custom', path: ['fixed_in'], message: IS_VULNERABLE, input });
      }),
  ],
  { error: 'is not a kind of notice — write "suspended", "deprecated" or "advisory"' },
);

/** What maintainers say of some releases of a plugin. */
export type Notice = Readonly<z.infer<typeof schema>>;
export type Advisory = Extract<Notice, { kind: 'advisory' }>;

/** Notices in any document of ours. */
export const noticesSchema = z.array(schema, 'is not an array — write a list of notices');

/** The notices of a file, or all its problems. `file` is how problems name it. */
export function parseNotices(
  json: string,
  file: string,
): { readonly notices: readonly Notice[]; readonly problems: readonly Problem[] } {
  const parsed = parseJsonAs(noticesSchema, json.replace(/^\uFEFF/, ''), file);
  return 'problems' in parsed
    ? { notices: [], problems: parsed.problems }
    : { notices: parsed.value, problems: [] };
}

/** The text of the file: by plugin, then by date; fields in one order, two spaces, a final newline. */
export function formatNotices(notices: readonly Notice[]): string {
  const sorted = notices.toSorted(
    (a, b) =>
      compareText(a.plugin, b.plugin) ||
      Date.parse(a.date) - Date.parse(b.date) ||
      compareText(JSON.stringify(a), JSON.stringify(b)),
  );
  // The schema gives fields their order.
  return `${JSON.stringify(noticesSchema.parse(sorted), null, 2)}\n`;
}

/** Whether a release is one of those that a notice is about. */
export function concerns(
  { plugin, versions }: Pick<Notice, 'plugin' | 'versions'>,
  { manifest }: { readonly manifest: { readonly id: string; readonly version: string } },
): boolean {
  return manifest.id === plugin && isInRange(manifest.version, versions);
}

/** What is vulnerable before 2.0.0 is so in 1.9.0-rc1 and in 2.0.0-rc1. */
function isInRange(version: string, range = '*'): boolean {
  return new Range(range, { includePrerelease: true }).test(version);
}

/** The name of the releases of a notice: `jira` or `jira@<4.1.2`. */
export function nameTarget({ plugin, versions }: Pick<Notice, 'plugin' | 'versions'>): string {
  return versions === undefined ? plugin : `${plugin}@${versions}`;
}

/** Whether two notices are about the same releases and say the same: of advisories, there may be several. */
export function isSameNotice(one: Notice, other: Notice): boolean {
  return (
    one.kind === other.kind &&
    one.plugin === other.plugin &&
    validRange(one.versions ?? '*') === validRange(other.versions ?? '*') &&
    (one.kind !== 'advisory' || one.reason === other.reason)
  );
}
