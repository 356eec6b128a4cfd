import { errorCode, UsageError, UserError } from '../../src/lib/errors.ts';
import { indentRest } from '../../src/lib/spell-out.ts';
import { print, printError } from './print.ts';

/**
 * Runs a command and is the one place that exits: 0 done, 1 failed, 2 wrong usage.
 * A `UserError` prints its message only; a stack trace means a bug of ours.
 */
export async function runCommand(help: string, command: (args: string[]) => Promise<void>) {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    print(`${help.trim()}\n`);
    return;
  }
  try {
    await command(args);
  } catch (error) {
    const { text, exitCode } = explainError(error);
    printError(text);
    process.exitCode = exitCode;
  }
}

/** What to tell of an error, in whole lines, and the exit code that it makes. */
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
