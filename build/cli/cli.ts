import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode, UsageError, UserError } from '../../src/lib/errors.ts';
import { WEB } from '../../src/lib/http/web.ts';
import { indentRest } from '../../src/lib/spell-out.ts';
import { askSecret } from './ask-secret.ts';
import type { Command } from './command.ts';
import { print, printError, report } from './print.ts';
import { progressLine } from './progress-line.ts';

/**
 * Runs a command if its module is the program that was started, but not if a test imports it. Their names distinguish
 * them: `npm test` starts a bundle of the program, which is elsewhere.
 */
export async function runProgram(moduleUrl: string, command: Command): Promise<void> {
  const [, started = ''] = process.argv;
  if (path.parse(started).name !== path.parse(fileURLToPath(moduleUrl)).name) return;
  await runProcess(command.run);
}

/** Runs a command as the program of this process. */
export async function runProcess(run: Command['run']): Promise<void> {
  await exitAfter(async (args) => {
    const status = progressLine(process.stderr, args.includes('--json'));
    const context = {
      cwd: process.cwd(),
      environment: process.env,
      web: WEB,
      now: () => new Date(),
      print,
      report,
      status,
      askSecret: (question: string) => askSecret(question, process.stdin, { write: printError }),
    };
    return await run(args, context).finally(status.clear);
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
  if (error instanceof UsageError) {
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
