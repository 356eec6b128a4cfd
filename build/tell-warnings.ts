import { groupBy } from '../src/catalog/placed-release.ts';
import { formatProblem, type Problem } from '../src/errors.ts';

/** As many warnings of one kind are told one by one. */
const MOST_OF_A_KIND = 3;

/** A line for each warning, or one for all of a kind where there are many: a build is no place to review a catalog. */
export function tellWarnings(warnings: readonly Problem[]): string[] {
  const unnamed = warnings.filter(({ check }) => check === undefined).map(tellOne);
  const named = warnings.filter(({ check }) => check !== undefined);
  const groups = [...groupBy(named, ({ check }) => check ?? '').values()];
  return [
    ...unnamed,
    ...groups.flatMap((group) =>
      group.length > MOST_OF_A_KIND ? [tellGroup(group)] : group.map(tellOne),
    ),
  ];
}

function tellOne(warning: Problem): string {
  return `warning: ${formatProblem(warning)}`;
}

function tellGroup(group: readonly Problem[]): string {
  const [first] = group as [Problem];
  const { file: _file, path: _path, remedy: _remedy, ...what } = first;
  const of = first.release === undefined ? '' : ` of ${first.release}`;
  return `warning: ${group.length} times ${first.check}, as in ${first.path ?? first.file ?? ''}${of}: ${formatProblem(what)} — npm run catalog -- check lists them`;
}
