import { parseArgs } from 'node:util';
import { readSettings, SETTING_FLAGS } from '../src/settings.ts';
import { runCommand } from './cli.ts';
import { type BuildRun, runBuild, SETTING_HELP } from './run-build.ts';
import { summarize } from './summarize.ts';

const HELP = `
Builds the marketplace: every answer of its API as a file, and the router that finds it.

  npm run build -- [--catalog FILE|GLOB]... [--out DIR] [options]

${SETTING_HELP}
  --json                the result as JSON

Example: npm run build -- --catalog 'catalog/*.json' --page-sizes 10,25,100
`;

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...SETTING_FLAGS,
      strict: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const cwd = process.cwd();
  const settings = await readSettings(values, process.env, cwd);
  const run = await runBuild({ settings, cwd, isStrict: values.strict, isQuiet: values.json });
  process.stdout.write(values.json ? toJson(run) : summarize(run, settings.out));
});

function toJson({ result, warnings }: BuildRun): string {
  const { snapshot, ...figures } = result;
  const { files: _files, ...described } = snapshot;
  return `${JSON.stringify({ ...described, ...figures, warnings }, null, 2)}\n`;
}
