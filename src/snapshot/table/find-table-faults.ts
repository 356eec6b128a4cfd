import { showValue } from '../../lib/json/finding.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { digit, digitAt, expand } from '../../router/table/encoding.ts';
import { stepName } from '../../router/table/find-step.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { readTexts } from '../../router/table/search.ts';

/** A fault in a routing table, with its location: `classes[3]`. */
export interface TableFault {
  readonly location: string;
  readonly found: string;
  readonly message: string;
}

/** More than a build takes: it abbreviates short texts only. */
const MOST_EXPANDED = 2 ** 22;

/** One combination of version range, edition and hosting each. */
const LISTS = 8;

const PLATFORM = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A folder name that a build gives: neither a path nor hidden. */
const FOLDER = /^[a-z0-9_!()-][a-z0-9_!().-]{0,79}$/;

/** How a version begins that is no name, and the step's number. */
const NUMBERED_STEP_NAME = /^[0-9a-z.-]{1,40}\(\d+\)$/;

/** A plugin's releases: the rank, then classes, each optionally preceded by `#` and a rank, and by `!`. */
const RELEASES = /^[(-\uffff]((#[(-\uffff])?!?[(-\uffff])+$/;

/** Reports a fault unless `isRight`. */
type Need = (
  isRight: boolean,
  location: string,
  found: string | undefined,
  message: string,
) => void;

/** Finds what would make the router throw, never end, or name a path that no build has. */
export function findTableFaults(table: RoutingTable): TableFault[] {
  const faults: TableFault[] = [];
  const need: Need = (isRight, location, found = '', message) => {
    if (!isRight) faults.push({ location, found: showValue(found), message });
  };
  checkAbbreviations(table, need);
  // Do not check further what cannot be expanded.
  if (faults.length > 0) return faults;
  checkSteps(table.steps.split(' '), need);
  checkPatterns(table, need);
  checkClasses(table, need);
  checkPlugins(table, need);
  checkLists(table, need);
  return faults;
}

function checkAbbreviations(table: RoutingTable, need: Need): void {
  const { texts, plugins, abbreviations, idAbbreviations } = table;
  const check = (field: string, text: string, codesField: string, codes: string) => {
    const characters = expandedCharacters(text, codes);
    const unclear = 'has an abbreviation twice, or one that expands to itself or nothing';
    need(characters !== undefined, codesField, codes, unclear);
    const long = `takes ${characters} characters to expand: too many`;
    need((characters ?? 0) <= MOST_EXPANDED, field, text, long);
  };
  check('texts', texts, 'abbreviations', abbreviations);
  check('plugins', plugins, 'idAbbreviations', idAbbreviations);
  need(texts[0] !== texts[1], 'texts', texts, 'does not begin with two separators');
}

/**
 * How many characters the router processes at most to expand the abbreviations of a text (`expand`), without expanding them:
 * each may double the one before, and takes a pass of its own. Undefined if they cannot be expanded: one is repeated, or
 * expands to nothing, itself or a later one.
 */
function expandedCharacters(text: string, abbreviations: string): number | undefined {
  const lengths = new Map<string, number>();
  const lengthOf = (part: string) =>
    part.split('').reduce((sum, character) => sum + (lengths.get(character) ?? 1), 0);
  const entries = abbreviations.slice(1).split(abbreviations[0] ?? '');
  const codes = entries.map((entry) => entry[0]);
  for (const [i, entry] of entries.entries()) {
    const [code, part] = [entry[0], entry.slice(1)];
    if (code === undefined) continue;
    const isOpen = codes.slice(i).some((later) => part.includes(later ?? code));
    if (part === '' || lengths.has(code) || isOpen) return undefined;
    lengths.set(code, lengthOf(part));
  }
  return lengthOf(text) * entries.length;
}

function checkSteps(steps: readonly string[], need: Need): void {
  const last = steps.length - 1;
  need(steps[0] === '=any', 'steps[0]', steps[0], 'is not =any');
  need(steps[last] === '=unspecified', `steps[${last}]`, steps[last], 'is not =unspecified');
  for (let i = 1; i < last; i++) {
    const [step = '', before = ''] = [steps[i], steps[i - 1]];
    const key = keyOf(step);
    const name = stepName(step);
    const isNamed = versionKey(name) === key || NUMBERED_STEP_NAME.test(name);
    need(isNamed, `steps[${i}]`, step, 'is not the key of a version');
    const isAbove = i === 1 || key > keyOf(before);
    need(isAbove, `steps[${i}]`, step, 'is not above the one before');
  }
}

const keyOf = (step: string) => step.split('=')[0] ?? '';

function checkPatterns(table: RoutingTable, need: Need): void {
  const names = table.platforms.split(' ');
  for (const [i, name] of names.entries()) {
    const isRight = i === 0 ? name === 'default' : PLATFORM.test(name);
    const isFirst = names.indexOf(name) === i;
    need(isRight && isFirst, `platforms[${i}]`, name, 'is not a platform, or there twice');
  }
  const check = (location: string, text: string) => {
    // A table without releases has no pattern.
    const isEmpty = text === '' && table.patterns === '';
    const isRight = text.length === names.length && areBelow(text, names.length);
    need(isEmpty || isRight, location, text, 'is not a digit for each platform');
  };
  for (const [i, text] of table.patterns.split(' ').entries()) check(`patterns[${i}]`, text);
  for (const [i, kind] of splitList(table.kinds).entries()) {
    check(`kinds[${i}]`, kind.slice(1));
    need(areBelow(kind.slice(0, 1), 16), `kinds[${i}]`, kind, 'does not state which axes matter');
  }
}

function checkClasses(table: RoutingTable, need: Need): void {
  const [steps, patterns] = [table.steps.split(' '), table.patterns.split(' ')];
  for (const [i, text] of splitList(table.classes).entries()) {
    const rows = text.slice(1).split('!');
    const isRight =
      areBelow(text[0] ?? '', patterns.length) &&
      text !== '' &&
      (rows.length === 1 || rows.length === 4) &&
      rows.every((row) => areBelow(row, steps.length) && isAscending(row));
    need(
      isRight,
      `classes[${i}]`,
      text,
      'is not a pattern, and steps in order for one row or four',
    );
  }
}

function checkPlugins(table: RoutingTable, need: Need): void {
  const classes = splitList(table.classes).length;
  const ranks = readTexts(table).length;
  const [before, ...lines] = expand(table.plugins, table.idAbbreviations).split('\n');
  need(before === '', 'plugins', before, 'does not begin with a line break');
  const [ids, folders] = [new Set<string>(), new Set<string>()];
  for (const [i, line] of lines.entries()) {
    const location = `plugins[${i}]`;
    const [id = '', releases = '', folder = id, ...more] = line.split(' ');
    const isNew = id !== '' && !ids.has(id);
    need(isNew, location, line, 'has no id, or that of another plugin');
    const isFolder = more.length === 0 && FOLDER.test(folder) && !folders.has(folder);
    need(isFolder, location, line, 'has no folder that a build makes, or that of another plugin');
    ids.add(id);
    folders.add(folder);
    const isRight =
      RELEASES.test(releases) &&
      areBelow(releases.slice(0, 1) + ranksIn(releases), ranks) &&
      areBelow(releases.slice(1).replace(/#.|!/gs, ''), classes);
    need(isRight, location, releases, 'is not a rank and classes in the table');
  }
}

const ranksIn = (releases: string) =>
  [...releases.matchAll(/#(.)/gs)].map(([, rank]) => rank).join('');

function checkLists(table: RoutingTable, need: Need): void {
  const steps = table.steps.split(' ').length;
  const kinds = splitList(table.kinds).length;
  const lists = table.lists.split(' ');
  need(lists.length === LISTS, 'lists', table.lists, `is not ${LISTS} lists`);
  for (const [i, list] of lists.entries()) {
    const [firsts, seconds] = [everyOther(list, 0), everyOther(list, 1)];
    const target = list.length === 1 ? lists[digitAt(list, 0)] : list;
    const isReference = list.length === 1 && areBelow(list, i) && (target?.length ?? 0) > 1;
    const isList =
      list.length > 1 &&
      firsts.length === seconds.length &&
      firsts[0] === digit(0) &&
      areBelow(firsts, steps) &&
      isAscending(firsts) &&
      areBelow(seconds, kinds + 1);
    const neither = 'is neither pairs of a step and a kind, nor an earlier list';
    need(isReference || isList, `lists[${i}]`, list, neither);
  }
}

const splitList = (list: string) => (list === '' ? [] : list.split(' '));

const everyOther = (text: string, from: number) =>
  text
    .split('')
    .filter((_, i) => i % 2 === from)
    .join('');

const areBelow = (digits: string, count: number) =>
  digits.split('').every((each) => digitAt(each, 0) >= 0 && digitAt(each, 0) < count);

const isAscending = (digits: string) =>
  digits.split('').every((each, i) => i === 0 || each > (digits[i - 1] as string));
