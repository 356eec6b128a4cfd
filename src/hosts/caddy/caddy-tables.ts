import type { Decision, Decisions } from '../rules/decisions.ts';
import { escapePattern, isPlain } from '../rules/request-patterns.ts';
import { stepPatterns } from '../rules/semver-patterns.ts';

/** A row of a `map`: what is looked up, or `~` and a pattern; then what it stands for. */
export type Row = readonly [input: string, ...outputs: string[]];

export type CaddyTables = ReturnType<typeof caddyTables>;

/** Characters of a file's number in a list of states. */
const DIGITS = 4;

const EMPTY = '0'.repeat(DIGITS);

/** Instead of a list of states: nothing is decided. */
export const NONE = '-'.repeat(DIGITS);

/** Edition and hosting as the rules put them together, by the number of the row. */
const ROWS = [',', 'true,', ',true', 'true,true'];

/** The tables from what is asked for to a file. Caddy goes through the rows of one until it finds one that matches. */
export function caddyTables({ decisions, steps, platforms, wholeViews }: Decisions) {
  const numbers = new Map([[JSON.stringify(['api/empty.json']), EMPTY]]);
  const numberOf = (files: readonly string[]) => {
    const key = JSON.stringify(files);
    if (!numbers.has(key)) numbers.set(key, numbers.size.toString(36).padStart(DIGITS, '0'));
    return numbers.get(key) as string;
  };
  const known = decisions.filter(({ id }) => isPlain(id));
  const plugins = new Map(
    known.filter(({ subject }) => subject === 'plugin').map((each) => [each.rows, each]),
  );
  const own = known.filter(({ subject, rows }) => subject !== 'filter' || !plugins.has(rows));
  const ownFilters = own.filter(({ subject, page }) => subject === 'filter' && page === null);
  const paged = own.filter(({ page }) => page === 0).map(subjectOf);
  const states = own.flatMap((decision) => {
    const subject = subjectOf(decision);
    const whole = paged.includes(subject) ? 'whole' : '';
    const page = decision.page === null ? whole : `${decision.page || ''}`;
    return decision.rows.map((row, i): Row => {
      const inSteps = steps.map((_step, step) => {
        const state = row.findLast((each) => each.step <= step);
        return state ? numberOf(state.files) : EMPTY;
      });
      return [`${subject}:${page}:${ROWS[i]}`, inSteps.join('')];
    });
  });
  const hasAllLists = own.some(({ subject, allVersions }) => subject === 'list' && allVersions);
  // Whole, without a version and a platform.
  const views = wholeViews.map((file, cloud) => ({ file, cloud, number: `-v${cloud}-` }));
  const viewStates = views.map(({ cloud, number }): Row => {
    return [`=::true:whole:${ROWS[1 + 2 * cloud]}`, NONE.repeat(steps.length - 1) + number];
  });
  return {
    /** From a filter with the subject's other parts to the subject that it is answered as: in whatever case. */
    filters: known
      .filter(({ subject, page }) => subject === 'filter' && page === null)
      .map((filter): Row => {
        const pattern = `~(?i)^=${escapePattern(filter.id)}::$`;
        return [pattern, subjectOf(plugins.get(filter.rows) ?? filter)];
      }),
    /** From a server version to the number of its step. */
    steps: [
      ['', `${steps.length - 1}`] as const,
      ...stepPatterns(steps).map(({ step, pattern }): Row => [`~${pattern}`, `${step}`]),
    ],
    /** The number of a platform, from 1. */
    platforms: platforms.map((name, i): Row => [`:${name}`, `${i + 1}`]),
    /** From a subject that has pages or a whole view, with -1 and a platform, to the word for the whole. */
    wholes: [
      ...paged.map((subject): Row => [`~^${escapePattern(subject)}-1:`, 'whole']),
      ...(hasAllLists ? [] : [['=::true-1:', 'whole'] as const]),
    ],
    /** From a subject, a page and a row to the number of the files in each step. */
    states: [
      ...states,
      // Where nothing else is said: no such plugin, no such page. A filter has to be known.
      ...(hasAllLists ? [] : [...viewStates, ['~^=::true:', NONE] as const]),
      ...['', ...ownFilters.map(({ id }) => escapePattern(id))].map(
        (filter): Row => [`~^=${filter}:`, EMPTY],
      ),
    ],
    /** From a step and the numbers to that of the step. */
    picks: [
      [`~:${EMPTY}$`, EMPTY] as const,
      // Most servers are new.
      ...steps
        .map((_step, i): Row => [`~^${i}:${anything(DIGITS * i)}(.{${DIGITS}})`, `\${1}`])
        .reverse(),
    ],
    /** From a number and a platform's to the file. */
    files: [
      ...[...numbers].flatMap(([key, number]) => {
        const files = JSON.parse(key) as string[];
        return ['', ...platforms].map(
          (_name, i): Row => [`${number}:${i}`, files[i] ?? (files[0] as string)],
        );
      }),
      ...views.map(({ file, number }): Row => [`${number}:0`, file]),
    ],
  };
}

/** As the rules put it together: filter, plugin, versions. The sign in front, since a row that begins with `~` is a pattern. */
const subjectOf = ({ subject, id, allVersions }: Decision): string =>
  `=${subject === 'filter' ? id : ''}:${subject === 'plugin' ? id : ''}:${allVersions || ''}`;

/** Go repeats nothing more than 1,000 times. */
const anything = (length: number) =>
  `${'.{1000}'.repeat(Math.floor(length / 1000))}.{${length % 1000}}`;
