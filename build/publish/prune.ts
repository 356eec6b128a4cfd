import { parseArgs } from 'node:util';
import { type PrunePlan, planPrune, prune } from '../../src/publish/prune.ts';
import { PUBLISH_FLAGS } from '../../src/settings/publish-settings.ts';
import { print, printJson } from '../cli/print.ts';
import { openTarget, runPublishCommand, TARGET_HELP } from './publish-command.ts';

const HELP = `
Removes old snapshots from the bucket: never the live one, nor one that some edge may still use.

  npm run prune -- [--keep N] [--dry-run] [options]

  --keep N              how many to keep, the live one among them           (10)
  --edge-minutes N      how long after its use ended an edge may still ask  (60)
  --dry-run             tell what would be removed, and remove nothing
${TARGET_HELP}

Example: npm run prune -- --keep 5 --dry-run
`;

await runPublishCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...PUBLISH_FLAGS,
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { settings, target } = await openTarget(values);
  const run = values['dry-run'] ? planPrune : prune;
  const plan = await run({
    target,
    keep: settings.keep,
    edgeMs: settings.edgeMinutes * 60_000,
    now: new Date(),
  });
  const text = describe(plan, values['dry-run'] ? 'would be removed' : 'removed');
  if (values.json) printJson(plan);
  else print(text);
});

function describe({ kept, removed, leftovers }: PrunePlan, verb: string): string {
  const lines = [
    ...removed.map((id) => `${id}  ${verb}`),
    ...leftovers.map((id) => `${id}  ${verb}: only parts of it were there`),
    ...kept.map((id) => `${id}  kept`),
  ];
  return lines.length === 0 ? 'There are no snapshots\n' : `${lines.join('\n')}\n`;
}
