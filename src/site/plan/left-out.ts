import type { Problem } from '../../lib/errors.ts';
import type { Amount } from './answers.ts';
import type { Part } from './parts.ts';

/**
 * The warning for a part of the space of answers that is left out.
 *
 * @param counted what it takes, as far as that was counted; null where what it builds on is left out
 */
export function explainLeftOut({ name, setting }: Part, counted: Amount | null): Problem {
  const reason = counted
    ? `more than the budget leaves room for: over ${counted.files} files or ${counted.bytes} bytes`
    : 'it builds on what is left out';
  const keep = counted
    ? 'raise --max-files and --max-bytes, or give --everything, to keep it; '
    : '';
  return {
    level: 'warning',
    missing: flagOf(setting),
    message: `${name}: left out, ${reason}`,
    remedy: `${keep}${setting} leaves it out without a word`,
  };
}

/** Such as `search`, of `--search off`. */
function flagOf(setting: string): string {
  return setting.replace(/^--| .*$/g, '');
}
