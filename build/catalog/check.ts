import { parseArgs } from 'node:util';
import { type CatalogFile, placeReleases } from '../../src/catalog/placed-release.ts';
import { ignoreProblems } from '../../src/catalog/problems/ignore-problems.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { checkCatalog } from '../../src/curation/check/check-catalog.ts';
import { findUnreachable, ONLINE_CHECKS } from '../../src/curation/check/find-unreachable.ts';
import {
  formatInstallable,
  installableTable,
} from '../../src/curation/installability/installable-table.ts';
import { readKeys } from '../../src/curation/signatures/read-keys.ts';
import { count, formatProblem, type Problem, UserError } from '../../src/lib/errors.ts';
import { spellOutLine } from '../../src/lib/spell-out.ts';
import { configFile } from '../../src/settings/config-file.ts';
import { readCatalogSettings } from '../../src/settings/read-settings.ts';
import type { CatalogCommand, CommandContext } from './catalog-command.ts';

const HELP = `
Checks the catalog as a reviewer does: everything that a build refuses, and what it lets pass but rarely is meant. Tells which
servers can install and start a release, where not all that it fits can, and whether servers can use the keys of the settings.

  npm run catalog -- check [--catalog FILE|GLOB]... [--online] [--strict] [--json]

  --catalog FILE|GLOB  the catalog                                        (plugins.json)
  --online             ask every URL whether it answers
  --strict             every warning is an error: exit 1
  --json               the problems, and which servers can install each release, as JSON
  --config FILE        settings as JSON                                   (marketplace.config.json)

A check is switched off for one release in the settings, by the name that --json tells and the lines show in brackets:
  "ignoreChecks": { "jira@4.1.0": ["missing-icon"] }

Example: npm run catalog -- check --online --strict
`;

/** As many requests as a browser would send at a time, and a pause that nobody notices. */
const POLITENESS = { perHost: 4, pauseMs: 100 };

export const check: CatalogCommand = {
  summary: 'checks it as a reviewer does',
  help: HELP,
  run: async (args, context) => {
    const { values } = parseArgs({
      args,
      options: {
        catalog: { type: 'string', multiple: true },
        config: { type: 'string' },
        online: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { cwd, environment, print } = context;
    const settings = await readCatalogSettings(values, environment, cwd);
    const { byFile, problems: broken } = await readOrProblems(settings.catalog, cwd);
    const found = [
      ...broken,
      ...checkCatalog(byFile, context.now()),
      ...(await judgeKeys(settings.keys, cwd)),
      ...(values.online ? await askUrls(byFile, context) : []),
    ];
    const installable = installableTable(placeReleases(byFile));
    const problems = ignoreProblems(
      found,
      settings.ignoreChecks,
      configFile(values.config).name,
      (name) => values.online || !ONLINE_CHECKS.includes(name),
    );
    const errors = problems.filter(({ level }) => level === 'error').length;
    const warnings = problems.length - errors;
    print(
      values.json
        ? `${JSON.stringify({ errors, warnings, problems, installable }, null, 2)}\n`
        : problems.map(tellProblem).join('') + formatInstallable(installable),
    );
    const told = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
    if (errors > 0 || (values.strict && warnings > 0)) throw new UserError(told);
    context.tell(told);
  },
};

/** A catalog that breaks the rules is checked no further: its releases cannot be compared. */
async function readOrProblems(
  patterns: readonly string[],
  cwd: string,
): Promise<{ byFile: readonly CatalogFile[]; problems: readonly Problem[] }> {
  try {
    const { byFile } = await readCatalog(patterns, { cwd });
    return { byFile, problems: [] };
  } catch (error) {
    return { byFile: [], problems: problemsOf(error) };
  }
}

async function askUrls(
  byFile: readonly CatalogFile[],
  { web, status }: CommandContext,
): Promise<Problem[]> {
  const onProgress = (asked: number, total: number) =>
    status.show(`Asking ${asked} of ${total} URLs`, asked === total);
  const unreachable = await findUnreachable(byFile, web, { ...POLITENESS, onProgress });
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
