import { indentRest, spellOut } from '../../src/lib/spell-out.ts';

/** Writes a result to stdout. */
export function print(text: string): void {
  process.stdout.write(spellOut(text));
}

/** A result for programs. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes whole lines to stderr. */
export function printError(text: string): void {
  process.stderr.write(spellOut(text));
}

/** Writes a line for people to stderr. */
export function report(message: string): void {
  printError(`${indentRest(message)}\n`);
}
