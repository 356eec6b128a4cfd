import { z } from 'zod';
import { UserError } from '../../lib/errors.ts';
import { parseJsonAs } from '../../lib/json/parse-json.ts';
import { isBuildName } from '../records/object-keys.ts';

const build = z.string().refine(isBuildName, 'is not the name of a build');

const schema = z.object({
  /** The last build that somebody meant to make live. */
  build,
  /** The live one, where the pointer is an object; null if there is none. */
  live: z.object({ build, at: z.iso.datetime('is not a date and time') }).nullish(),
});

/** A pointer, or the claim of one who is about to replace it. */
export type Pointer = z.infer<typeof schema>;

/** @throws {UserError} if no deploy wrote it */
export function parsePointer(text: string, label: string): Pointer {
  const parsed = parseJsonAs(schema, text, label);
  if ('value' in parsed) return parsed.value;
  throw new UserError(
    `${label} was not written by a deploy: look at it, and remove it if no command is running`,
    parsed.problems,
  );
}
