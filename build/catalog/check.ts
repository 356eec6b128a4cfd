import { parseArgs } from 'node:util';
import { ignoreProblems } from '../../src/catalog/ignore-problems.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { checkCatalog } from '../../src/curation/check/check-catalog.ts';
import { findUnreachable, ONLINE_CHECKS } from '../../src/curation/check/find-unreachable.ts';
import { formatProblem, type Problem, UserError } from '../../src/errors.ts';
import { configFile } from '../../src/settings/config-file.ts';
import { readCatalogSettings } from '../../src/settings/read-settings.ts';
import type { CatalogCommand, CommandContext } from './catalog-command.ts';

const HELP = `
Checks the catalog as a reviewer does: everything that a build refuses, and what it lets pass but rarely is meant.

  npm run catalog -- check [--catalog FILE|GLOB]... [--online] [--strict] [--json]

  --catalog FILE|GLOB  the catalog                                        (plugins.json)
  --online             ask every URL whether it answers
  --strict             every warning is an error: exit 1
  --json               the problems as JSON
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
    const found = await findProblems(settings.catalog, values.online, context);
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
        ? `${JSON.stringify({ errors, warnings, problems }, null, 2)}\n`
        : problems.map(tellProblem).join(''),
    );
    const told = `${errors} errors, ${warnings} warnings`;
    if (errors > 0 || (values.strict && warnings > 0)) throw new UserError(told);
    context.tell(told);
  },
};

/** A catalog that breaks the rules is checked no further: its releases cannot be compared. */
async function findProblems(
  patterns: readonly string[],
  isOnline: boolean,
  { cwd, web, status }: CommandContext,
): Promise<readonly Problem[]> {
  const read = await readCatalog(patterns, { cwd }).catch((error: unknown) => {
    if (error instanceof UserError && error.problems.length > 0) return error.problems;
    throw error;
  });
  if (!('byFile' in read)) return read;
  const problems = checkCatalog(read.byFile);
  if (!isOnline) return problems;
  const onProgress = (asked: number, total: number) =>
    status.show(`Asking ${asked} of ${total} URLs`, asked === total);
  const unreachable = await findUnreachable(read.byFile, web, { ...POLITENESS, onProgress });
  status.clear();
  return [...problems, ...unreachable];
}

function tellProblem(problem: Problem): string {
  const name = problem.check === undefined ? '' : ` [${problem.check}]`;
  const release = problem.release === undefined ? '' : `${problem.release} `;
  return `${problem.level}: ${release}${formatProblem(problem)}${name}\n`;
}
