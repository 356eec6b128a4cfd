import type { Problem } from '../../lib/errors.ts';
import { type Amount, type Cost, exceeds } from './answers.ts';

/** A part of the space of answers that the budget leaves out. */
export interface LeftOut {
  readonly name: string;
  /** The setting that leaves it out without a warning. */
  readonly setting: string;
  readonly cost: Cost;
  /** How much was published when its turn came. */
  readonly before: Amount;
  /** Whether what it builds on is published. */
  readonly isPossible: boolean;
}

/**
 * The warning for a part that is left out: what it costs, and a budget that keeps it.
 *
 * @param earlier the parts left out before it: a larger budget may let them in first
 */
export function explainLeftOut(
  part: LeftOut,
  earlier: readonly LeftOut[],
  budget: Amount,
): Problem {
  const { name, setting, cost, isPossible } = part;
  const amount = `${cost.isCounted ? '' : 'more than '}${cost.files} files of ${cost.bytes} bytes`;
  const reason = isPossible ? 'do not fit in the budget' : 'build on what is left out';
  return {
    level: 'warning',
    missing: flagOf(setting),
    message: `${name}: left out, ${amount} ${reason}`,
    remedy: `${findRemedy(part, earlier, budget)}; ${setting} leaves it out without a word`,
  };
}

/** Such as `search`, of `--search off`. */
function flagOf(setting: string): string {
  return setting.replace(/^--| .*$/g, '');
}

function findRemedy(part: LeftOut, earlier: readonly LeftOut[], budget: Amount): string {
  const alone = add(part.before, part.cost);
  const raised = {
    files: Math.max(budget.files, alone.files),
    bytes: Math.max(budget.bytes, alone.bytes),
  };
  const isEnough =
    part.isPossible &&
    earlier.every((other) => !other.isPossible || exceeds(add(other.before, other.cost), raised));
  const needed = isEnough ? [part] : [...earlier, part];
  if (!needed.every(({ cost }) => cost.isCounted)) {
    return 'raise --max-files and --max-bytes to keep it';
  }
  // Parts share files, so all of them together take no more than this.
  const { files, bytes } = needed.reduce((sum, { cost }) => add(sum, cost), part.before);
  const settings = [
    ...(files > budget.files ? [`--max-files ${files}`] : []),
    ...(bytes > budget.bytes ? [`--max-bytes ${bytes}`] : []),
  ];
  return `${settings.join(' ')} would keep it`;
}

const add = (a: Amount, b: Amount): Amount => ({
  files: a.files + b.files,
  bytes: a.bytes + b.bytes,
});
