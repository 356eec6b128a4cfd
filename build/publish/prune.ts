import { type PrunePlan, planPrune, prune } from '../../src/publish/prune.ts';
import { PUBLISH_SETTINGS } from '../../src/settings/publish-settings.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';
import { CREDENTIALS, publishing, TARGET } from './publish-command.ts';

export const pruneCommand = defineCommand({
  call: 'npm run prune',
  summary: 'Removes old snapshots from where a build is published',
  details: 'Never the live one, nor one that was live within the last hour (--edge-minutes).',
  settings: PUBLISH_SETTINGS,
  settingFlags: [...TARGET, 'keep', 'edgeMinutes'],
  flags: {
    dryRun: { help: 'report what would be removed, and remove nothing' },
    json: { help: 'the result as JSON' },
  },
  notes: CREDENTIALS,
  example: 'npm run prune -- --keep 5 --dry-run',
  action: ({ settings: { keep, edgeMinutes, ...settings }, flags }, { print, now }) =>
    publishing({ keep, edgeMinutes, ...settings }, async ({ target }) => {
      const run = flags.dryRun ? planPrune : prune;
      const plan = await run({ target, keep, edgeMs: edgeMinutes * 60_000, now: now() });
      const verb = flags.dryRun ? 'would be removed' : 'removed';
      print(flags.json ? formatJson(plan) : describe(plan, verb));
    }),
});

await runProgram(import.meta.url, pruneCommand);

function describe({ kept, removed, leftovers }: PrunePlan, verb: string): string {
  const lines = [
    ...removed.map((id) => `${id}  ${verb}`),
    ...leftovers.map((id) => `${id}  ${verb}: only parts of it were there`),
    ...kept.map((id) => `${id}  kept`),
  ];
  return lines.length === 0 ? 'There are no snapshots\n' : `${lines.join('\n')}\n`;
}
