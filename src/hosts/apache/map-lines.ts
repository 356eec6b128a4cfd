import type { Decision, Decisions } from '../rules/decisions.ts';
import { isPlain, TRUE } from '../rules/request-patterns.ts';
import { minorSteps } from '../rules/semver-patterns.ts';

/** Apache reads 1,024 bytes of a line of a map, and a key has up to 280. */
const LONGEST_VALUE = 700;

/** Looks a key up in the map, whose value stands in so many parts; what is missing is empty. */
export const lookUp = (key: string, parts = 1): string =>
  Array.from({ length: parts }, (_, part) => `\${marketplace:${key}${partSuffix(part)}}`).join('');

const partSuffix = (part: number) => (part === 0 ? '' : `+${part}`);

/** The steps up to one, as rules compare them: `0.1.2.` */
export const stepsUpTo = (last: number): string =>
  Array.from({ length: last + 1 }, (_, step) => `${step}.`).join('');

/**
 * The lines of the map, and in how many parts a value stands at most: that of `jira=///` goes on in `jira=///+1`.
 *
 *     v:7.8 0.1.2.                   the steps up to that of 7.8.0
 *     jira=/true/true/ 2=b,0=a,      of the plugin jira, all versions for Enterprise editions: the answer from each step on
 *     jira=/true/true//1 …           its second page; /-1 is the whole where it has pages
 *     =jira/// 0=a,                  of the filter jira; `=` alone is all plugins
 *     a/ api/plugins/jira/…          the file of an answer
 *     a/linux-amd64 api/plugins/…    and that for a platform
 *     true:T true                    the spellings of true
 */
export function makeMap({ steps, platforms, decisions, wholeViews }: Decisions) {
  let parts = 1;
  const lines: string[] = [];
  const add = (key: string, value: string) => {
    const pieces = splitValue(value);
    lines.push(...pieces.map((piece, i) => `${key}${partSuffix(i)} ${piece}`));
    parts = Math.max(parts, pieces.length);
  };
  add('empty', 'api/empty.json');
  for (const spelling of TRUE) add(`true:${spelling}`, 'true');
  add('v:', stepsUpTo(steps.length - 1));
  for (const [minor, step] of minorSteps(steps)) add(`v:${minor}`, stepsUpTo(step));
  for (const [cloud, file] of wholeViews.entries()) add(`whole:${flag(cloud)}`, file);
  const names = new Map<string, string>();
  const nameOf = (files: readonly string[]) => {
    const key = files.join(' ');
    const name = names.get(key) ?? names.size.toString(36);
    if (!names.has(key)) {
      names.set(key, name);
      for (const [i, file] of files.entries()) add(`${name}/${platforms[i - 1] ?? ''}`, file);
    }
    return name;
  };
  const plain = decisions.filter(({ id }) => isPlain(id));
  const paged = new Set(plain.filter(({ page }) => page !== null).map(subjectOf));
  for (const decision of plain) {
    const page = pageSuffix(decision, paged.has(subjectOf(decision)));
    for (const [row, states] of decision.rows.entries()) {
      const key = `${subjectOf(decision)}/${flag(row & 1)}/${flag(row & 2)}${page}`;
      // Most servers are new.
      const value = states.map(({ step, files }) => `${step}=${nameOf(files)},`).reverse();
      add(key, value.join('') || '-');
    }
  }
  return { lines, parts };
}

const flag = (isOn: number) => (isOn ? 'true' : '');

const subjectOf = ({ subject, id, allVersions }: Decision) =>
  `${subject === 'filter' ? `=${id}` : `${id}=`}/${flag(+allVersions)}`;

/** The first page has none, and the whole where it is the only one. */
function pageSuffix({ page }: Decision, isPaged: boolean): string {
  if (page === null) return isPaged ? '/-1' : '';
  return page === 0 ? '' : `/${page}`;
}

const splitValue = (value: string) =>
  value.match(new RegExp(`.{1,${LONGEST_VALUE}}`, 'g')) as string[];
