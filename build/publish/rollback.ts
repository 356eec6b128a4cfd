import { UsageError } from '../../src/lib/errors.ts';
import { isSnapshotId } from '../../src/publish/records/object-keys.ts';
import { type RollbackResult, rollback } from '../../src/publish/rollback.ts';
import { PUBLISH_SETTINGS } from '../../src/settings/publish-settings.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';
import { CREDENTIALS, PROBE, publishing, TARGET } from './publish-command.ts';

export const rollbackCommand = defineCommand({
  call: 'npm run rollback',
  summary: 'Goes back to a snapshot that was published',
  details:
    'By default to the one that was live before: a second rollback undoes the first. npm run snapshots lists the ids.',
  operands: '[ID]',
  operandsRemedy: 'one snapshot at a time can be live: name one id',
  settings: PUBLISH_SETTINGS,
  settingFlags: [...TARGET, ...PROBE],
  flags: {
    noProbe: { help: 'do not ask the site' },
    json: { help: 'the result as JSON' },
  },
  notes: CREDENTIALS,
  example: 'npm run rollback -- 1325f510b24a4921',
  action: ({ operands: [id], settings, flags }, { print, report }) => {
    if (id !== undefined && !isSnapshotId(id)) {
      throw new UsageError(
        `${JSON.stringify(id)} is not the id of a snapshot: it has 16 hex digits`,
      );
    }
    return publishing(settings, async ({ target, probe }) => {
      const result = await rollback({
        target,
        ...(id === undefined ? {} : { id }),
        ...(flags.noProbe ? {} : { probe: await probe() }),
        report,
      });
      print(flags.json ? formatJson(result) : describe(result));
    });
  },
});

await runProgram(import.meta.url, rollbackCommand);

function describe({ id, fromId }: RollbackResult): string {
  if (id === fromId) return `Snapshot ${id} is live already: nothing to do\n`;
  return `Snapshot ${id} is live again, in place of ${fromId ?? 'a router without a snapshot'}\n`;
}
