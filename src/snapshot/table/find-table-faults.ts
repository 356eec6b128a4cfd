import { showValue } from '../../lib/json/finding.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { digit, digitAt } from '../../router/table/digit.ts';
import { expand } from '../../router/table/expand.ts';
import { stepName } from '../../router/table/find-step.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { unpackTexts } from '../../router/table/search.ts';

/** What is wrong in a routing table, and where: `classes[3]`. */
export interface TableFault {
  readonly location: string;
  readonly found: string;
  readonly message: string;
}

/** More than a build takes: it abbreviates short texts only. */
const MOST_EXPANDED = 2 ** 22;

/** For each versions, edition and hosting. */
const LISTS = 8;

const PLATFORM = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** As a build names folders: neither a path nor hidden. */
const FOLDER = /^[a-z0-9_!()-][a-z0-9_!().-]{0,79}$/;

/** A plugin's releases: the rank, then classes, each after `#` and a rank, and `!`, where these stand. */
const RELEASES = /^[(-\uffff]((#[(-\uffff])?!?[(-\uffff])+$/;

/** Finds what would make the router throw, never end, or name a path that no build has. */
export function findTableFaults(table: RoutingTable): TableFault[] {
  const faults = [...findUnexpandable(table)];
  // What cannot be expanded is not checked further.
  if (faults.length > 0) return faults;
  return [
    ...findStepFaults(table.steps.split(' ')),
    ...findPatternFaults(table),
    ...findClassFaults(table),
    ...findPluginFaults(table),
    ...findListFaults(table),
  ];
}

function* findUnexpandable(table: RoutingTable): Generator<TableFault> {
  const packed = [
    ['texts', table.texts, 'abbreviations', table.abbreviations],
    ['plugins', table.plugins, 'idAbbreviations', table.idAbbreviations],
  ] as const;
  for (const [location, text, locationOfCodes, codes] of packed) {
    const characters = expandedCharacters(text, codes);
    if (characters === undefined) {
      yield fault(
        locationOfCodes,
        codes,
        'has an abbreviation twice, or one that stands for itself or nothing',
      );
    } else if (characters > MOST_EXPANDED) {
      yield fault(location, text, `takes ${characters} characters to expand: too many`);
    }
  }
  if (table.texts[0] === table.texts[1]) {
    yield fault('texts', table.texts, 'does not begin with two separators');
  }
}

/**
 * How many characters the router processes at most to expand the abbreviations of a text (`expand`), without expanding them:
 * each may double the one before, and takes a pass of its own. Undefined if they cannot be expanded: one is there twice, or
 * stands for nothing, itself or a later one.
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
    if (
      part === '' ||
      lengths.has(code) ||
      codes.slice(i).some((later) => part.includes(later ?? code))
    ) {
      return undefined;
    }
    lengths.set(code, lengthOf(part));
  }
  return lengthOf(text) * entries.length;
}

function* findStepFaults(steps: readonly string[]): Generator<TableFault> {
  const last = steps.length - 1;
  if (steps[0] !== '=any') yield fault('steps[0]', steps[0], 'is not =any');
  if (steps[last] !== '=unspecified')
    yield fault(`steps[${last}]`, steps[last], 'is not =unspecified');
  for (const [i, step] of steps.slice(1, -1).entries()) {
    const location = `steps[${i + 1}]`;
    const [key = ''] = step.split('=');
    if (versionKey(stepName(step)) !== key)
      yield fault(location, step, 'is not the key of a version');
    if (i > 0 && key <= keyOf(steps[i])) yield fault(location, step, 'is not above the one before');
  }
}

const keyOf = (step: string | undefined) => step?.split('=')[0] ?? '';

function* findPatternFaults(table: RoutingTable): Generator<TableFault> {
  const names = table.platforms.split(' ');
  for (const [i, name] of names.entries()) {
    const isRight = i === 0 ? name === 'default' : PLATFORM.test(name);
    if (!isRight || names.indexOf(name) < i)
      yield fault(`platforms[${i}]`, name, 'is not a platform, or there twice');
  }
  const kinds = splitKinds(table);
  const patterns = [
    ...table.patterns.split(' ').map((text, i) => ({ location: `patterns[${i}]`, text })),
    ...kinds.map((text, i) => ({ location: `kinds[${i}]`, text: text.slice(1) })),
  ];
  for (const { location, text } of patterns) {
    // A table without releases has no pattern.
    const isEmpty = text === '' && table.patterns === '';
    if (!isEmpty && (text.length !== names.length || !areBelow(text, names.length))) {
      yield fault(location, text, 'is not a digit for each platform');
    }
  }
  for (const [i, kind] of kinds.entries()) {
    if (!areBelow(kind.slice(0, 1), 16))
      yield fault(`kinds[${i}]`, kind, 'does not say which axes matter');
  }
}

function* findClassFaults(table: RoutingTable): Generator<TableFault> {
  const [steps, patterns] = [table.steps.split(' '), table.patterns.split(' ')];
  if (table.classes === '') return;
  for (const [i, text] of table.classes.split(' ').entries()) {
    const rows = text.slice(1).split('!');
    const isRight =
      areBelow(text[0] ?? '', patterns.length) &&
      text !== '' &&
      (rows.length === 1 || rows.length === 4) &&
      rows.every((row) => areBelow(row, steps.length) && isAscending(row));
    if (!isRight) {
      yield fault(
        `classes[${i}]`,
        text,
        'is not a pattern, and steps in order for one row or four',
      );
    }
  }
}

function* findPluginFaults(table: RoutingTable): Generator<TableFault> {
  const classes = table.classes === '' ? 0 : table.classes.split(' ').length;
  const ranks = unpackTexts(table).length;
  const [before, ...lines] = expand(table.plugins, table.idAbbreviations).split('\n');
  if (before !== '') yield fault('plugins', before, 'does not begin with a line break');
  const [ids, folders] = [new Set<string>(), new Set<string>()];
  for (const [i, line] of lines.entries()) {
    const location = `plugins[${i}]`;
    const [id = '', releases = '', folder = id, ...more] = line.split(' ');
    if (id === '' || ids.has(id))
      yield fault(location, line, 'has no id, or that of another plugin');
    if (more.length > 0 || !FOLDER.test(folder) || folders.has(folder))
      yield fault(location, line, 'has no folder that a build makes, or that of another plugin');
    ids.add(id);
    folders.add(folder);
    const isRight =
      RELEASES.test(releases) &&
      areBelow(releases.slice(0, 1) + ranksIn(releases), ranks) &&
      areBelow(releases.slice(1).replace(/#.|!/gs, ''), classes);
    if (!isRight) yield fault(location, releases, 'is not a rank and classes that there are');
  }
}

const ranksIn = (releases: string) =>
  [...releases.matchAll(/#(.)/gs)].map(([, rank]) => rank).join('');

function* findListFaults(table: RoutingTable): Generator<TableFault> {
  const steps = table.steps.split(' ').length;
  const kinds = splitKinds(table).length;
  const lists = table.lists.split(' ');
  if (lists.length !== LISTS) yield fault('lists', table.lists, `is not ${LISTS} lists`);
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
    if (!isReference && !isList) {
      yield fault(
        `lists[${i}]`,
        list,
        'is neither pairs of a step and a kind, nor an earlier list',
      );
    }
  }
}

const splitKinds = ({ kinds }: RoutingTable) => (kinds === '' ? [] : kinds.split(' '));

const everyOther = (text: string, from: number) =>
  text
    .split('')
    .filter((_, i) => i % 2 === from)
    .join('');

const areBelow = (digits: string, count: number) =>
  digits.split('').every((each) => digitAt(each, 0) >= 0 && digitAt(each, 0) < count);

const isAscending = (digits: string) =>
  digits.split('').every((each, i) => i === 0 || each > (digits[i - 1] as string));

function fault(location: string, found: string | undefined, message: string): TableFault {
  return { location, found: showValue(found ?? ''), message };
}
