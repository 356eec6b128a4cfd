import type { LocatedRelease } from '../../src/catalog/located-release.ts';
import { ignoreProblems } from '../../src/catalog/problems/ignore-problems.ts';
import { type ReadCatalogResult, readCatalog } from '../../src/catalog/read-catalog.ts';
import { checkCatalog } from '../../src/curation/check/check-catalog.ts';
import { findUnreachable, ONLINE_CHECKS } from '../../src/curation/check/find-unreachable.ts';
import {
  formatInstallable,
  installableTable,
} from '../../src/curation/installability/installable-table.ts';
import { findNoticeProblems } from '../../src/curation/notices/find-notice-problems.ts';
import { count, formatProblem, type Problem, UserError } from '../../src/lib/errors.ts';
import { spellOutLine } from '../../src/lib/spell-out.ts';
import { CATALOG_SETTINGS } from '../../src/settings/catalog-settings.ts';
import { readKeys } from '../../src/signatures/read-keys.ts';
import { keptReleases } from '../../src/upstream/read-upstream.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';

/** As many parallel requests as a browser sends, and a short pause. */
const POLITENESS = { perHost: 4, pauseMs: 100 };

export const check = defineCommand({
  call: 'npm run catalog -- check',
  summary: 'Checks the catalog as a reviewer does',
  details:
    'Reports everything that a build refuses, and what it accepts but is rarely intended. Reports which servers can install and start a release where not all that it fits can, and whether servers can use the keys in the settings.',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog'],
  flags: {
    online: { help: 'request every URL' },
    strict: { help: 'exit 1 for warnings, too' },
    json: { help: 'the problems, and which servers can install each release, as JSON' },
  },
  notes: `To switch a check off for one release, name it in the settings, as --json and the brackets in each line do:
  "ignoreChecks": { "jira@4.1.0": ["missing-icon"] }`,
  example: 'npm run catalog -- check --online --strict',
  action: async ({ settings, config, flags: { online, strict, json } }, context) => {
    const { cwd, print } = context;
    const read = await readOrProblems(settings.catalog, cwd);
    const { byFile, located } = read;
    const found = [
      ...read.problems,
      ...(await judgeNotices(read, cwd)),
      ...checkCatalog(byFile, context.now(), read.notices),
      ...(await judgeKeys(settings.keys, cwd)),
      ...(online ? await askUrls(located, context) : []),
    ];
    const installable = installableTable(located);
    const problems = ignoreProblems(
      found,
      settings.ignoreChecks,
      config,
      (name) => online || !ONLINE_CHECKS.includes(name),
    );
    const errors = problems.filter(({ level }) => level === 'error').length;
    const warnings = problems.length - errors;
    print(
      json
        ? `${JSON.stringify({ errors, warnings, problems, installable }, null, 2)}\n`
        : problems.map(tellProblem).join('') + formatInstallable(installable),
    );
    const reported = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
    if (errors > 0 || (strict && warnings > 0)) throw new UserError(reported);
    context.report(reported);
  },
});

/** A catalog that breaks the rules is checked no further: its releases cannot be compared. */
async function readOrProblems(patterns: readonly string[], cwd: string): Promise<CheckedCatalog> {
  try {
    return { ...(await readCatalog(patterns, { cwd })), problems: [] };
  } catch (error) {
    const nothing = { byFile: [], located: [], notices: [], noticeFiles: [] };
    return { ...nothing, problems: problemsOf(error) };
  }
}

interface CheckedCatalog
  extends Pick<ReadCatalogResult, 'byFile' | 'located' | 'notices' | 'noticeFiles'> {
  readonly problems: readonly Problem[];
}

/** They may be about releases of an upstream. */
async function judgeNotices(
  { byFile, notices, noticeFiles }: CheckedCatalog,
  cwd: string,
): Promise<Problem[]> {
  if (notices.length === 0) return [];
  const releases = [...byFile.flatMap((one) => one.releases), ...(await keptReleases(cwd))];
  return findNoticeProblems(noticeFiles, releases);
}

async function askUrls(
  located: readonly LocatedRelease[],
  { web, status }: CommandContext,
): Promise<Problem[]> {
  const onProgress = (asked: number, total: number) =>
    status.show(`Asking ${asked} of ${total} URLs`, asked === total);
  const unreachable = await findUnreachable(located, web, { ...POLITENESS, onProgress });
  status.clear();
  return unreachable;
}

/** Files with no key that servers can use are errors, and a key that they pass over beside others is a warning. */
async function judgeKeys(files: readonly string[], cwd: string): Promise<readonly Problem[]> {
  try {
    const keys = await readKeys(files, cwd);
    return keys.flatMap(({ key, file }) =>
      key.refusal === null
        ? []
        : {
            level: 'warning',
            check: 'refused-key',
            file,
            message: `holds the key ${key.id}, which ${key.refusal}`,
            remedy: 'sign nothing with it',
          },
    );
  } catch (error) {
    return problemsOf(error);
  }
}

function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof UserError && error.problems.length > 0) return error.problems;
  throw error;
}

function tellProblem(problem: Problem): string {
  const name = problem.check === undefined ? '' : ` [${problem.check}]`;
  const release = problem.release === undefined ? '' : `${problem.release} `;
  return `${problem.level}: ${spellOutLine(release)}${formatProblem(problem)}${name}\n`;
}
