import { nameRelease } from '../../src/catalog/located-release.ts';
import { BUILD_SETTINGS } from '../../src/settings/build-settings.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';
import { BUILD_FLAGS, type BuildRun, runBuild, runPlan } from './run-build.ts';
import { describeWaiting, summarize } from './summarize.ts';
import { tabulatePlan } from './tabulate-plan.ts';

export const build = defineCommand({
  call: 'npm run build',
  summary:
    'Builds the marketplace: every answer of its API as a file, and the router that finds it',
  settings: BUILD_SETTINGS,
  flags: {
    ...BUILD_FLAGS,
    plan: { help: 'report what would be built, and build nothing' },
    json: { help: 'the result as JSON' },
  },
  example: "npm run build -- --catalog 'catalog/*.json' --page-sizes 10,25,100",
  action: async ({ settings, flags }, context) => {
    const options = {
      settings,
      isRefresh: flags.refresh,
      isStrict: flags.strict,
      isEverything: flags.everything,
    };
    if (flags.plan) {
      const { plan, waiting, warnings } = await runPlan(options, context);
      const { parts, cloudFront } = plan;
      const routerBytes = Buffer.byteLength(cloudFront?.code ?? '');
      const described = { parts, routerBytes, ...listWaiting(waiting), warnings };
      const listed = waiting.map((one) => `Waiting: ${describeWaiting(one)}\n`).join('');
      context.print(flags.json ? formatJson(described) : tabulatePlan(plan) + listed);
      return;
    }
    const run = await runBuild(options, context);
    context.print(flags.json ? formatJson(toJson(run)) : summarize(run, settings.dir));
  },
});

await runProgram(import.meta.url, build);

/** Nothing where nothing waits. */
function listWaiting(waiting: BuildRun['waiting']) {
  const listed = waiting.map(({ release, until }) => ({ release: nameRelease(release), until }));
  return listed.length > 0 ? { waiting: listed } : {};
}

function toJson({ result, waiting, warnings }: BuildRun) {
  const { snapshot, ...figures } = result;
  const { files: _files, ...described } = snapshot;
  return { ...described, ...figures, ...listWaiting(waiting), warnings };
}
