import { parseArgs } from 'node:util';
import { type DescribedSnapshot, listSnapshots } from '../../src/publish/list-snapshots.ts';
import { type CatalogChange, listSome } from '../../src/publish/probe/check-loss.ts';
import { PUBLISH_FLAGS } from '../../src/settings/publish-settings.ts';
import { formatTable } from '../cli/format-table.ts';
import { print, printJson } from '../cli/print.ts';
import { formatBytes } from '../site/summarize.ts';
import { openTarget, runPublishCommand, TARGET_HELP } from './publish-command.ts';

const HELP = `
Lists the snapshots in the bucket, the one used last first: which is live, since when, how large they are, and what each
changed against the one below it.

  npm run snapshots -- [options]

${TARGET_HELP}

Example: npm run snapshots -- --bucket my-marketplace --function my-marketplace-router
`;

await runPublishCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: { ...PUBLISH_FLAGS, json: { type: 'boolean', default: false } },
  });
  const { target } = await openTarget(values);
  const snapshots = await listSnapshots(target);
  if (values.json) printJson(snapshots);
  else print(tabulate(snapshots));
});

function tabulate(snapshots: readonly DescribedSnapshot[]): string {
  if (snapshots.length === 0) return 'There are no snapshots: npm run deploy brings the first\n';
  return formatTable(
    snapshots.map((snapshot) => ({
      snapshot: snapshot.id,
      '': snapshot.isLive ? 'live' : '',
      uploaded: formatTime(snapshot.uploadedAt),
      'went live': snapshot.liveAt ? formatTime(snapshot.liveAt) : 'never',
      files: `${snapshot.files}`,
      size: formatBytes(snapshot.bytes),
      releases: `${snapshot.releases}`,
      'what changed': describeChange(snapshot.change),
    })),
  );
}

/** Such as `2026-11-24 20:15` in UTC, as everybody's logs have it. */
function formatTime(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}

function describeChange(change: CatalogChange | null): string {
  if (change === null) return '';
  const { releasesAdded, releasesLost } = change;
  const changed = [
    ...releasesAdded.map((release) => `+ ${release}`),
    ...releasesLost.map((release) => `- ${release}`),
  ];
  return changed.length === 0 ? 'the answers only' : listSome(changed, 3);
}
