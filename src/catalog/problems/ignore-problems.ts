import type { Problem } from '../../lib/errors.ts';

/** The names of checks that are switched off, by release: `{"jira@4.1.0": ["missing-icon"]}`. */
export type IgnoredChecks = Readonly<Record<string, readonly string[]>>;

/** The problems, without those of checks that are switched off for their release. */
export function withoutIgnored(problems: readonly Problem[], ignored: IgnoredChecks): Problem[] {
  return problems.filter((problem) => !isIgnored(problem, ignored));
}

/**
 * The problems of the checks that are on, and a warning for each check that is switched off but finds nothing: it would
 * hide the next problem.
 *
 * @param settings the name of the file that switches them off
 * @param ran whether a check ran; one that did not run gets no such warning
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
