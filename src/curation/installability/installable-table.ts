import { type LocatedRelease, nameRelease } from '../../catalog/located-release.ts';
import { nameLines, type ServerLine } from '../../mattermost/server-line.ts';
import { type Fate, surveyInstallability } from './survey-installability.ts';

/** Consecutive server lines with the same result, such as `5.32 and newer`, and platforms. */
export interface Servers {
  readonly servers: string;
  readonly platforms: readonly string[];
}

/** Which of the servers that are offered a release can install and start it. */
export interface InstallableRow {
  readonly release: string;
  /** Whether all of them can. */
  readonly everywhere: boolean;
  readonly installable: readonly Servers[];
  /** Keyed by the name of the check that finds it. */
  readonly obstacles: readonly (Servers & { readonly check: string })[];
}

/** The row of each release, in the order of the catalog. */
export function installableTable(located: readonly LocatedRelease[]): InstallableRow[] {
  return located.map(({ release }) => {
    const fates = surveyInstallability(release);
    const minimum = release.manifest.min_server_version || '0.0.0';
    const checks = new Set(fates.flatMap(({ obstacles }) => obstacles.map(({ check }) => check)));
    return {
      release: nameRelease(release),
      everywhere: checks.size === 0,
      installable: spansOf(fates, minimum, ({ obstacles }) => obstacles.length === 0),
      obstacles: [...checks].flatMap((check) =>
        spansOf(fates, minimum, ({ obstacles }) =>
          obstacles.some((one) => one.check === check),
        ).map((span) => ({ check, ...span })),
      ),
    };
  });
}

/** The servers affected: neighbouring lines with the same platforms are one row. */
function spansOf(
  fates: readonly Fate[],
  minimum: string,
  holds: (fate: Fate) => boolean,
): Servers[] {
  const spans: { lines: ServerLine[]; platforms: string[] }[] = [];
  for (const line of new Set(fates.map((fate) => fate.line))) {
    const ofLine = fates.filter((fate) => fate.line === line && holds(fate));
    const platforms = ofLine.map(({ platform }) => platform);
    const last = spans.at(-1);
    if (last && last.platforms.join() === platforms.join()) last.lines.push(line);
    else spans.push({ lines: [line], platforms });
  }
  return spans
    .filter(({ platforms }) => platforms.length > 0)
    .map(({ lines, platforms }) => ({ servers: nameLines(lines, minimum), platforms }));
}

/** The rows that are not "everywhere", releases that fare alike together. */
export function formatInstallable(rows: readonly InstallableRow[]): string {
  const groups = new Map<string, string[]>();
  for (const row of rows.filter(({ everywhere }) => !everywhere)) {
    const where = row.installable.map(formatServers).join('; ') || 'no server';
    const checks = new Set(row.obstacles.map(({ check }) => check));
    const name = `${where} [${[...checks].join(', ')}]`;
    groups.set(name, [...(groups.get(name) ?? []), row.release]);
  }
  if (groups.size === 0) return '';
  const lines = [...groups].map(([name, releases]) => `  ${name}\n    ${releases.join(', ')}\n`);
  return `Of the servers that a release fits, these can install and start it, where not all can:\n${lines.join('')}`;
}

function formatServers({ servers, platforms }: Servers): string {
  return `servers ${servers} on ${platforms.join(', ')}`;
}
