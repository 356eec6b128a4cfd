import { UsageError, UserError } from '../src/errors.ts';

/**
 * Runs a command and is the one place that exits: 0 done, 1 failed, 2 wrong usage.
 * A `UserError` prints its message only; a stack trace means a bug of ours.
 */
export async function runCommand(help: string, command: (args: string[]) => Promise<void>) {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${help.trim()}\n`);
    return;
  }
  try {
    await command(args);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof UsageError || isParseArgsError(error)) {
    process.stderr.write(`error: ${error.message}\nSee --help.\n`);
    return 2;
  }
  if (error instanceof UserError) {
    process.stderr.write(`error: ${error.message}\n`);
    return 1;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.stderr.write('This is a bug in the marketplace itself: please report it.\n');
  return 1;
}

function isParseArgsError(error: unknown): error is Error {
  return (
    error instanceof TypeError &&
    'code' in error &&
    String(error.code).startsWith('ERR_PARSE_ARGS_')
  );
}
