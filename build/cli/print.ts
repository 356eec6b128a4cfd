import { indentRest, spellOut } from '../../src/lib/spell-out.ts';

/** Writes a result to stdout. */
export function print(text: string): void {
  process.stdout.write(spellOut(text));
}

/** Writes a result for programs to stdout. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

/** Writes to stderr what is in whole lines. */
export function printError(text: string): void {
  process.stderr.write(spellOut(text));
}

/** Tells people something, on stderr. */
export function tell(message: string): void {
  printError(`${indentRest(message)}\n`);
}
