import type { Decision, Decisions, State } from '../../rules/decisions.ts';
import { isPlain } from '../../rules/request-patterns.ts';
import { keyOf, map, type Row } from './map.ts';
import { PARAMETERS, ROWS } from './request-maps.ts';

/** What some requests are about, with answers of its own. */
interface Subject {
  readonly kind: Decision['subject'];
  readonly id: string;
  /** What stands for it in keys. */
  readonly code: string;
  readonly decisions: readonly Decision[];
  /** Whether all versions are answered otherwise than the newest. */
  readonly hasVersions: boolean;
  /** Whether servers of different rows are answered otherwise. */
  readonly hasRows: boolean;
  readonly hasPages: boolean;
}

/** The codes of lists, of newest and of all versions, and of whole views. */
const LIST = 'n';
const LIST_OF_ALL = 'm';
const WHOLE_VIEWS = ['v0', 'v1'];

/** What no plugin has. */
const NOBODY = '-';

/** Stands for the file of what the rules do not decide. */
const UNDECIDED = '';

/** A map for each step, which gives the file of a request for plugins, or nothing where it is undecided. */
export function answerMaps(decisions: Decisions): string[] {
  const subjects = findSubjects(decisions.decisions);
  const files = new FileNames(decisions.platforms);
  const answers = mapsOfSteps(decisions, [...subjects.values()], files);
  return [...subjectMaps(decisions, subjects), ...answers, ...files.maps()];
}

/** The subjects, by the rows that they were decided by first: what is decided by the same is the same. */
function findSubjects(decisions: readonly Decision[]): Map<Decision['rows'], Subject> {
  const groups = new Map<string, Decision[]>();
  const known = new Set<Decision['rows']>();
  for (const each of decisions) {
    if (known.has(each.rows)) continue;
    known.add(each.rows);
    const key = `${each.subject} ${each.subject === 'list' ? each.allVersions : each.id}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const subjects = [...groups.values()].map((group, number) => subjectOf(group, number));
  return new Map(subjects.map((each) => [(each.decisions[0] as Decision).rows, each]));
}

function subjectOf(group: readonly Decision[], number: number): Subject {
  const { subject, id, allVersions } = group[0] as Decision;
  const [newest, all] = [false, true].map((versions) =>
    JSON.stringify(group.find((each) => each.allVersions === versions && each.page === null)?.rows),
  );
  const hasVersions = subject === 'plugin' && newest !== all;
  const decisions = hasVersions ? group : group.filter((each) => each.allVersions === allVersions);
  return {
    ...{ kind: subject, id, decisions, hasVersions },
    code: subject === 'list' ? (allVersions ? LIST_OF_ALL : LIST) : `${number}`,
    hasRows: decisions.some(({ rows }) => new Set(rows.map((row) => JSON.stringify(row))).size > 1),
    hasPages: decisions.some(({ page }) => page !== null),
  };
}

/** The key of a request about a subject. */
function askedKey(subject: Subject, versions = '$mm_versions'): string {
  const { code, hasVersions, hasRows, hasPages } = subject;
  const page = hasPages ? '$mm_page_of_many' : '$mm_page_of_one';
  return code + (hasVersions ? versions : '') + (hasRows ? '$mm_row' : '') + page;
}

/** `$mm_subject`: what a request is about, as a key; empty where it is undecided. */
function subjectMaps(
  { decisions }: Decisions,
  subjects: ReadonlyMap<Decision['rows'], Subject>,
): string[] {
  const rowsOf = (kind: Decision['subject'], versions?: string) =>
    decisions
      .filter((each) => each.subject === kind && !each.allVersions && each.page === null)
      .filter(({ id }) => isPlain(id))
      .map(({ id, rows }): Row => [keyOf(id), askedKey(subjects.get(rows) as Subject, versions)]);
  const plugins = rowsOf('plugin');
  const isCapital = ([key]: Row) => key.startsWith('~') && /[A-Z]/.test(key);
  const ofCode = (code: string) => [...subjects.values()].find((each) => each.code === code);
  const list = ofCode(LIST) as Subject;
  const listOfAll = ofCode(LIST_OF_ALL);
  return [
    // What servers ask for most is found first.
    map(PARAMETERS, 'mm_subject', [
      ...ROWS.map((row): Row => [`:${row}`, LIST + (list.hasRows ? row : '')]),
      ['default', '$mm_rare_subject'],
    ]),
    map('$mm_id', 'mm_rare_subject', [
      ['', '$mm_subject_without_id'],
      ...plugins.filter((row) => !isCapital(row)),
      ['default', NOBODY],
    ]),
    map('$mm_filter', 'mm_subject_without_id', [
      ['', '$mm_subject_without_filter'],
      // In whatever case.
      ...rowsOf('filter', 'l').map(([key, value]): Row => [key.replace(/^~/, '~*'), value]),
      ['default', UNDECIDED],
    ]),
    map('$mm_capital', 'mm_subject_without_filter', [
      ['', '$mm_list'],
      ...plugins.filter(isCapital),
      ['default', NOBODY],
    ]),
    map('$mm_all', 'mm_list', [
      ['', askedKey(list)],
      ['default', listOfAll ? askedKey(listOfAll) : '$mm_whole_view'],
    ]),
    map('$mm_whole:$mm_version:$mm_platform:$mm_other:$mm_row', 'mm_whole_view', [
      ...WHOLE_VIEWS.map((code, cloud): Row => [`-1::::${ROWS[1 + 2 * cloud]}`, code]),
      ['default', UNDECIDED],
    ]),
  ];
}

/**
 * The answers of so many steps are in one chain of maps, of which the first has them all, and the others what changes, and the lists,
 * which servers ask for most.
 */
const CHAIN = 8;

/** A map for each step: from a key to a file. */
function mapsOfSteps(
  { steps, wholeViews }: Decisions,
  subjects: readonly Subject[],
  files: FileNames,
): string[] {
  const rows = steps.map((): Row[] => []);
  const last = steps.length - 1;
  for (const [key, states] of subjects.flatMap((each) => answersOf(each))) {
    for (const [i, state] of states.entries()) {
      const end = states[i + 1]?.step ?? steps.length;
      for (let step = state.step; step < end; step++) {
        const isWhole = step % CHAIN === 0 || key.startsWith(LIST);
        if (step === state.step || (isWhole && state.count > 0)) {
          rows[step]?.push([key, files.nameOf(state.files)]);
        }
      }
    }
  }
  rows[last]?.push(...WHOLE_VIEWS.map((code, i): Row => [code, wholeViews[i] as string]));
  const name = (step: number) => `mm_answer_${step}`;
  return rows.map((own, step) =>
    map('$mm_subject', name(step), [
      ...own,
      ...(step % CHAIN === 0
        ? [[UNDECIDED, UNDECIDED] as const, ['default', 'api/empty.json'] as const]
        : [['default', `$${name(step - 1)}`] as const]),
    ]),
  );
}

/** The states of each key about a subject. */
function answersOf({ code, decisions, hasVersions, hasRows, hasPages }: Subject) {
  const answers: [string, readonly State[]][] = [];
  for (const { allVersions, page, rows } of decisions) {
    const isCut = decisions.some((each) => each.allVersions === allVersions && each.page !== null);
    const wholes = hasPages ? (isCut ? ['w'] : ['', 'w']) : [''];
    const pages = page === null ? wholes : [page === 0 ? '' : `p${page}`];
    const versions = hasVersions ? (allVersions ? 'a' : 'l') : '';
    for (const [row, states] of (hasRows ? rows : rows.slice(0, 1)).entries()) {
      for (const part of pages) {
        answers.push([code + versions + (hasRows ? ROWS[row] : '') + part, states]);
      }
    }
  }
  return answers;
}

/** The names of files, in which a variable stands for what differs by platform. */
class FileNames {
  readonly #platforms: readonly string[];
  readonly #variables = new Map<string, readonly string[]>();

  constructor(platforms: readonly string[]) {
    this.#platforms = platforms;
  }

  /** @param files for the default and then for each platform */
  nameOf(files: readonly string[]): string {
    const [first = ''] = files;
    if (files.every((file) => file === first)) return first;
    const start = commonLength(files);
    const rest = files.map((file) => file.slice(start));
    const end = commonLength(rest.map((text) => [...text].reverse().join('')));
    const middles = rest.map((text) => text.slice(0, text.length - end));
    const key = middles.join(' ');
    this.#variables.set(key, middles);
    const variable = `mm_form_${[...this.#variables.keys()].indexOf(key)}`;
    return `${first.slice(0, start)}\${${variable}}${first.slice(first.length - end)}`;
  }

  maps(): string[] {
    return [...this.#variables.values()].map(([first = '', ...others], i) =>
      map('$mm_platform', `mm_form_${i}`, [
        ...others.flatMap((middle, at): Row[] => {
          const platform = this.#platforms[at] as string;
          return isPlain(platform) ? [[keyOf(platform), middle]] : [];
        }),
        ['default', first],
      ]),
    );
  }
}

/** How many characters all texts begin with. */
function commonLength(texts: readonly string[]): number {
  const [first = ''] = texts;
  let length = 0;
  while (length < first.length && texts.every((text) => text[length] === first[length])) length++;
  return length;
}
