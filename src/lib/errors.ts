import { indentRest, spellOutLine } from './spell-out.ts';

/** One thing that is wrong with what a person gave us: where it is, what was found, what to do. */
export interface Problem {
  readonly level: 'error' | 'warning';
  /** The name of the check that found it, such as `missing-icon`; absent for what cannot be switched off. */
  readonly check?: string;
  /** The release concerned, such as `jira@4.1.0`. */
  readonly release?: string;
  /** The flag, without dashes, whose output is missing because of this, such as `search`; absent if there is none. */
  readonly missing?: string;
  /** The file as the user named it, relative to the working directory. */
  readonly file?: string;
  /** The location inside the file as a JSON path, such as `[12].manifest.version`. */
  readonly path?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** What is wrong, such as `is not a semantic version`. */
  readonly message: string;
  /** The offending value as JSON, cut to a readable length. */
  readonly found?: string;
  /** What to do, as a command: `write three numbers, such as 1.2.3`. */
  readonly remedy?: string;
}

/** One line for a problem: `plugins.json:12:5 [3].manifest.version: "1.2" is not … — write …`. */
export function formatProblem(problem: Problem): string {
  const position = problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`;
  const location = [`${problem.file ?? ''}${position}`, problem.path ?? ''].filter(
    (part) => part !== '',
  );
  const found = problem.found === undefined ? '' : `${problem.found} `;
  const remedy = problem.remedy === undefined ? '' : ` — ${problem.remedy}`;
  const where = location.length === 0 ? '' : `${location.join(' ')}: `;
  return `${spellOutLine(`${where}${found}`)}${indentRest(problem.message)}${remedy}`;
}

/**
 * A mistake of the user, as opposed to a bug of ours. Commands print it without a stack trace and exit 1.
 * `problems` holds every problem; `message` is the headline followed by one line for each.
 */
export class UserError extends Error {
  readonly headline: string;
  readonly problems: readonly Problem[];

  constructor(headline: string, problems: readonly Problem[] = []) {
    super([headline, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n'));
    this.name = 'UserError';
    this.headline = headline;
    this.problems = problems;
  }
}

/** A command was called with arguments it does not know. Commands print it with a hint at `--help` and exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The code of a Node error, such as `ENOENT`; empty if it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A number of things in words: `1 problem`, `2 problems`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
