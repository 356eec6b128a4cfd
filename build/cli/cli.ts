import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode, UsageError, UserError } from '../../src/lib/errors.ts';
import { WEB } from '../../src/lib/http/web.ts';
import { indentRest } from '../../src/lib/spell-out.ts';
import { askSecret } from './ask-secret.ts';
import type { Command } from './command.ts';
import { print, printError, tell } from './print.ts';
import { progressLine } from './progress-line.ts';

/**
 * Runs a command where its module is the program that was started, and not where a test imports it. Both are told apart by
 * their names: `npm test` starts a bundle of the program, which lies elsewhere.
 */
export async function runProgram(moduleUrl: string, command: Command): Promise<void> {
  const [, started = ''] = process.argv;
  if (path.parse(started).name !== path.parse(fileURLToPath(moduleUrl)).name) return;
  await exitAfter(async (args) => {
    const status = progressLine(process.stderr, args.includes('--json'));
    const context = {
      cwd: process.cwd(),
      environment: process.env,
      web: WEB,
      now: () => new Date(),
      print,
      tell,
      status,
      askSecret: (question: string) => askSecret(question, process.stdin, { write: printError }),
    };
    return await command.run(args, context).finally(status.clear);
  });
}

/** Runs what is a program of its own, with a help text of its own. */
export async function runCommand(help: string, command: (args: string[]) => Promise<void>) {
  await exitAfter(async (args) => {
    if (args.includes('--help') || args.includes('-h')) print(`${help.trim()}\n`);
    else await command(args);
    return 0;
  });
}

/**
 * The one place that sets the exit code: 0 done, 1 failed, 2 wrong usage. A `UserError` prints its message only; a stack trace
 * means a bug of ours.
 */
async function exitAfter(work: (args: string[]) => Promise<number>): Promise<void> {
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  try {
    process.exitCode = await work(process.argv.slice(2));
  } catch (error) {
    const { text, exitCode } = explainError(error);
    printError(text);
    process.exitCode = exitCode;
  }
}

/** Whoever reads the output may stop before its end, as `head` does: that is no reason to stop the work. */
function ignoreClosedPipe(error: Error) {
  if (errorCode(error) !== 'EPIPE') throw error;
}

/** An error as a person reads it, in whole lines, and its exit code. */
export function explainError(error: unknown): { readonly text: string; readonly exitCode: 1 | 2 } {
  if (error instanceof UsageError || isParseArgsError(error)) {
    return { text: `error: ${indentRest(error.message)}\nSee --help.\n`, exitCode: 2 };
  }
  if (error instanceof UserError)
    return { text: `error: ${indentRest(error.message)}\n`, exitCode: 1 };
  const trace = (error instanceof Error && error.stack) || String(error);
  return {
    text: `${indentRest(trace)}\nThis is a bug in the marketplace itself: please report it.\n`,
    exitCode: 1,
  };
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError && errorCode(error).startsWith('ERR_PARSE_ARGS_');
}
