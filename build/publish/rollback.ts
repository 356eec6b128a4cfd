import { parseArgs } from 'node:util';
import { UsageError } from '../../src/lib/errors.ts';
import { isSnapshotId } from '../../src/publish/records/object-keys.ts';
import { rollback } from '../../src/publish/rollback.ts';
import { PUBLISH_FLAGS } from '../../src/settings/publish-settings.ts';
import { print, printJson, tell } from '../cli/print.ts';
import { openTarget, PROBE_HELP, runPublishCommand, TARGET_HELP } from './publish-command.ts';

const HELP = `
Goes back to a snapshot that is in the bucket: by default to the one that was live before. Said twice, it comes back.

  npm run rollback -- [ID] [options]

  ID                    a snapshot that npm run snapshots lists
${PROBE_HELP}
${TARGET_HELP}

Example: npm run rollback -- 1325f510b24a4921
`;

await runPublishCommand(HELP, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...PUBLISH_FLAGS,
      'no-probe': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [id, ...others] = positionals;
  if (others.length > 0) throw new UsageError('one snapshot at a time can be live');
  if (id !== undefined && !isSnapshotId(id)) {
    throw new UsageError(`${JSON.stringify(id)} is no id of a snapshot: it has 16 hex digits`);
  }
  const { target, probe } = await openTarget(values);
  const result = await rollback({
    target,
    ...(id === undefined ? {} : { id }),
    ...(values['no-probe'] ? {} : { probe: await probe() }),
    say: tell,
  });
  const from = result.fromId ?? 'a router without a snapshot';
  const text =
    result.id === result.fromId
      ? `Snapshot ${result.id} is live already: nothing to do`
      : `Snapshot ${result.id} is live again, in place of ${from}`;
  if (values.json) printJson(result);
  else print(`${text}\n`);
});
