import { parseArgs } from 'node:util';
import { BUILD_FLAGS } from '../../src/settings/build-settings.ts';
import { readBuildSettings } from '../../src/settings/read-settings.ts';
import { runCommand } from '../cli/cli.ts';
import { print, printJson } from '../cli/print.ts';
import { BUILD_HELP, type BuildRun, runBuild, runPlan } from './run-build.ts';
import { summarize } from './summarize.ts';
import { tabulatePlan } from './tabulate-plan.ts';

const HELP = `
Builds the marketplace: every answer of its API as a file, and the router that finds it.

  npm run build -- [--catalog FILE|GLOB]... [--dir DIR] [options]

${BUILD_HELP}
  --plan                tell what would be built, and build nothing
  --json                the result as JSON

Example: npm run build -- --catalog 'catalog/*.json' --page-sizes 10,25,100
`;

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...BUILD_FLAGS,
      strict: { type: 'boolean', default: false },
      refresh: { type: 'boolean', default: false },
      plan: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const cwd = process.cwd();
  const settings = await readBuildSettings(values, process.env, cwd);
  const options = {
    settings,
    cwd,
    isRefresh: values.refresh,
    isStrict: values.strict,
    isQuiet: values.json,
  };
  if (values.plan) {
    const { plan, warnings } = await runPlan(options);
    const { parts, router } = plan;
    const told = { parts, routerBytes: Buffer.byteLength(router), warnings };
    if (values.json) printJson(told);
    else print(tabulatePlan(plan));
    return;
  }
  const run = await runBuild(options);
  if (values.json) printJson(toJson(run));
  else print(summarize(run, settings.dir));
});

function toJson({ result, warnings }: BuildRun) {
  const { snapshot, ...figures } = result;
  const { files: _files, ...described } = snapshot;
  return { ...described, ...figures, warnings };
}
