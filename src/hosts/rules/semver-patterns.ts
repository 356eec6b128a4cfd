import type { DecidedStep } from './decisions.ts';

// Semantic versions in regular expressions that JavaScript, PCRE and RE2 read alike: without look-around, and whose case counts.

/** A `+` in front of build metadata, in a raw query. */
export const ESCAPED_PLUS = '%2[Bb]';

/** Up to 19 digits, all of which fit in the 64 bits of the router. */
const NUMBER = '(?:0|[1-9][0-9]{0,18})';

const NUMBERS = `${NUMBER}\\.${NUMBER}\\.${NUMBER}`;

/** An identifier with something besides digits. */
const WORD = '[0-9]*[A-Za-z-][0-9A-Za-z-]*';

/** Of three numbers only, as servers send them. The minor version is captured. */
export const RELEASE = `(${NUMBER}\\.${NUMBER})\\.${NUMBER}`;

/**
 * Matches a semantic version. A number of 20 digits, of which the router takes some, is none.
 *
 * @param plus how the text has a `+`
 */
export function validVersion(plus = '\\+'): string {
  const identifier = `(?:${NUMBER}|${WORD})`;
  const preRelease = `(?:-${identifier}(?:\\.${identifier})*)?`;
  const build = `(?:${plus}[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;
  return `${NUMBERS}${preRelease}${build}`;
}

/** The versions of a step and above it. */
export interface StepPattern {
  readonly step: number;
  /** For valid versions. */
  readonly pattern: string;
}

/** The step of a valid version is that of the first pattern that matches; where none does, it is 0. */
export function stepPatterns(steps: readonly DecidedStep[], plus = '\\+'): StepPattern[] {
  return steps
    .flatMap(({ version }, step) =>
      version === '' ? [] : [{ step, pattern: atLeast(version, plus) }],
    )
    .reverse();
}

/** Matches those of the valid versions that are not below one. */
export function atLeast(version: string, plus = '\\+'): string {
  const { numbers, preRelease } = parse(version);
  const [major = '', minor = '', patch = ''] = numbers;
  const end = `(?:${plus}|$)`;
  const same = preRelease.length === 0 ? end : `(?:${end}|-${notBelow(preRelease, plus)})`;
  const samePatch = `(?:${above(patch)}(?:-|${plus}|$)|${patch}${same})`;
  const sameMinor = `(?:${above(minor)}\\.|${minor}\\.${samePatch})`;
  return `^(?:${above(major)}\\.|${major}\\.${sameMinor})`;
}

/** The majors of releases that servers have or will have for long, and their minors: 5 went up to 5.39. */
const MAJORS = range(4, 20);
const minorsOf = (major: number) => range(0, major === 5 ? 39 : 20);

/**
 * The steps of releases, those without a pre-release, by their minor version, such as `9.5`: of the minor versions in which they do
 * not differ.
 */
export function minorSteps(steps: readonly DecidedStep[]): Map<string, number> {
  const starts = steps.flatMap(({ version }, step) =>
    version === '' ? [] : [{ step, numbers: parse(version).numbers }],
  );
  const minors = MAJORS.flatMap((major) => minorsOf(major).map((minor) => `${major}.${minor}`));
  const found = new Map<string, number>();
  for (const minor of minors) {
    const isInside = ({ numbers: [major, own, patch] }: (typeof starts)[number]) =>
      `${major}.${own}` === minor && patch !== '0';
    if (starts.some(isInside)) continue;
    const first = starts.findLast(({ numbers }) => compareNumbers(numbers, `${minor}.0`) <= 0);
    found.set(minor, first?.step ?? 0);
  }
  return found;
}

function compareNumbers(numbers: readonly string[], release: string): number {
  const others = release.split('.');
  const at = numbers.findIndex((number, i) => number !== others[i]);
  return at < 0 ? 0 : BigInt(numbers[at] ?? 0) < BigInt(others[at] ?? 0) ? -1 : 1;
}

function parse(version: string) {
  const [numbers = '', ...rest] = (version.split('+')[0] as string).split('-');
  const preRelease = rest.join('-');
  return {
    numbers: numbers.split('.'),
    preRelease: preRelease === '' ? [] : preRelease.split('.'),
  };
}

/** Matches the numbers above one, if the text behind them is matched too. */
function above(number: string): string {
  const higher = [...number].flatMap((digit, i) =>
    digit === '9'
      ? []
      : `${number.slice(0, i)}${oneOf(among(DIGITS, digit))}${digits(number.length - i - 1)}`,
  );
  return `(?:${[`[1-9][0-9]{${number.length},}`, ...higher].join('|')})`;
}

const digits = (count: number) => (count === 0 ? '' : `[0-9]{${count}}`);

/** Matches the identifiers of pre-releases that are not below some. */
function notBelow([first = '', ...others]: readonly string[], plus: string): string {
  const end = `(?:\\.|${plus}|$)`;
  const higher = /^[0-9]+$/.test(first) ? `(?:${above(first)}|${WORD})` : aboveWord(first);
  const equal = others.length === 0 ? `${first}${end}` : `${first}\\.${notBelow(others, plus)}`;
  return `(?:${higher}${end}|${equal})`;
}

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The identifiers with something besides digits that are above such a one: in ASCII, `-` is below digits, those below letters. */
function aboveWord(word: string, i = 0): string {
  const character = word[i];
  if (character === undefined) return '[0-9A-Za-z-]+';
  const letters = oneOf(among(LETTERS, character));
  const numbers = oneOf(among(DIGITS, character));
  // As long as there are digits only, something else must follow.
  const rest = /^[0-9]*$/.test(word.slice(0, i)) ? WORD : '[0-9A-Za-z-]*';
  const ways = [
    ...(letters === '' ? [] : [`${letters}[0-9A-Za-z-]*`]),
    ...(numbers === '' ? [] : [numbers + rest]),
    character + aboveWord(word, i + 1),
  ];
  return ways.length > 1 ? `(?:${ways.join('|')})` : (ways[0] as string);
}

/** Those of some characters that are above one. */
const among = (characters: string, one: string) =>
  [...characters].filter((each) => each > one).join('');

/** Matches one of some characters that stand together in `DIGITS` or `LETTERS`. */
function oneOf(characters: string): string {
  if (characters.length < 2) return characters;
  const ranges = characters.match(/[0-9]+|[A-Z]+|[a-z]+/g) ?? [];
  return `[${ranges.map((each) => (each.length < 3 ? each : `${each[0]}-${each.at(-1)}`)).join('')}]`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
