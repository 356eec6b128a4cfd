import type { Problem } from '../../lib/errors.ts';
import type { Amount } from './answers.ts';
import type { Part } from './parts.ts';
import type { Published } from './published.ts';

/** The warning for a part of the space of answers that is left out. */
export function explainLeftOut(
  { name, setting, isPossible }: Part,
  published: Published,
  { files, bytes }: Amount,
): Problem {
  const isTooMuch = isPossible(published);
  const reason = isTooMuch
    ? `does not fit in the budget of ${files} files and ${bytes} bytes`
    : 'builds on what is left out';
  const keep = 'raise --max-files and --max-bytes, or give --everything, to keep it; ';
  return {
    level: 'warning',
    missing: flagOf(setting),
    message: `${name}: left out, ${reason}`,
    remedy: `${isTooMuch ? keep : ''}${setting} leaves it out without a word`,
  };
}

/** Such as `search`, of `--search off`. */
function flagOf(setting: string): string {
  return setting.replace(/^--| .*$/g, '');
}
