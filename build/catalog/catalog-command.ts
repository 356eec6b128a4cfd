import type { Web } from '../../src/lib/http/web.ts';
import type { Environment } from '../../src/settings/read-settings.ts';
import type { ProgressLine } from '../cli/progress-line.ts';

/** What a command gets from the process that it runs in. */
export interface CommandContext {
  /** The folder that files are named relative to. */
  readonly cwd: string;
  readonly environment: Environment;
  readonly web: Web;
  readonly now: () => Date;
  /** Writes a result, on stdout. */
  readonly print: (text: string) => void;
  /** Writes a line for people, on stderr. */
  readonly tell: (line: string) => void;
  readonly status: ProgressLine;
  /** Asks a person for what must not be shown; null where nobody can be asked. */
  readonly askSecret: (question: string) => Promise<string | null>;
}

/** One of the commands that look after the catalog. */
export interface CatalogCommand {
  /** What it does, in a line. */
  readonly summary: string;
  readonly help: string;
  /** @throws {UsageError} for wrong flags, {UserError} where it fails */
  readonly run: (args: string[], context: CommandContext) => Promise<void>;
}
