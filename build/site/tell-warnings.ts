import { groupBy } from '../../src/catalog/placed-release.ts';
import { formatProblem, type Problem } from '../../src/lib/errors.ts';
import { tell } from '../cli/print.ts';

/** Up to so many warnings of one kind are told one by one. */
const MOST_OF_A_KIND = 3;

/** Tells people a line for each warning, or one for all of a kind where there are many: a build is no place to review a catalog. */
export function tellWarnings(warnings: readonly Problem[]): void {
  const unnamed = warnings.filter(({ check }) => check === undefined).map(tellOne);
  const named = warnings.filter(({ check }) => check !== undefined);
  const groups = [...groupBy(named, ({ check }) => check ?? '').values()];
  const lines = groups.flatMap((group) =>
    group.length > MOST_OF_A_KIND ? [tellGroup(group)] : group.map(tellOne),
  );
  for (const line of [...unnamed, ...lines]) tell(line);
}

function tellOne(warning: Problem): string {
  return `warning: ${formatProblem(warning)}`;
}

function tellGroup(group: readonly Problem[]): string {
  const [{ check, release, message, found }] = group as [Problem];
  const example = [release, found, message].filter((part) => part !== undefined).join(' ');
  return `warning: ${group.length} times ${check}, such as ${example} — npm run catalog -- check lists them`;
}
