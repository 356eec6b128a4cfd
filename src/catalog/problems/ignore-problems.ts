import type { Problem } from '../../lib/errors.ts';

/** The names of checks that are switched off, by release: `{"jira@4.1.0": ["missing-icon"]}`. */
export type IgnoredChecks = Readonly<Record<string, readonly string[]>>;

/** The problems but for those of checks that are switched off for their release. */
export function withoutIgnored(problems: readonly Problem[], ignored: IgnoredChecks): Problem[] {
  return problems.filter((problem) => !isIgnored(problem, ignored));
}

/**
 * What is left of the findings of every check, and a warning for each that is switched off where it finds nothing: it would
 * hide what goes wrong next.
 *
 * @param settings how the place is named where they are switched off
 * @param ran whether a check was run at all; one that was not says nothing of what it would have found
 */
export function ignoreProblems(
  problems: readonly Problem[],
  ignored: IgnoredChecks,
  settings: string,
  ran: (check: string) => boolean,
): Problem[] {
  const used = new Set(problems.map(({ release, check }) => `${release} ${check}`));
  const idle = Object.entries(ignored).flatMap(([release, checks]) =>
    checks
      .filter((check) => ran(check) && !used.has(`${release} ${check}`))
      .map((check) => ({ release, check })),
  );
  return [
    ...withoutIgnored(problems, ignored),
    ...idle.map(({ release, check }) => ({
      level: 'warning' as const,
      check: 'idle-ignore',
      release,
      file: settings,
      path: `ignoreChecks[${JSON.stringify(release)}]`,
      found: JSON.stringify(check),
      message: 'switches off a check that finds nothing',
      remedy: 'remove it',
    })),
  ];
}

function isIgnored({ release, check }: Problem, ignored: IgnoredChecks): boolean {
  if (release === undefined || check === undefined) return false;
  return Object.hasOwn(ignored, release) && ignored[release]?.includes(check) === true;
}
