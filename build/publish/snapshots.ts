import { type DescribedSnapshot, listSnapshots } from '../../src/publish/list-snapshots.ts';
import { type CatalogChange, listSome } from '../../src/publish/probe/check-loss.ts';
import { PUBLISH_SETTINGS } from '../../src/settings/publish-settings.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { formatTable } from '../cli/format-table.ts';
import { formatJson } from '../cli/print.ts';
import { formatBytes } from '../site/summarize.ts';
import { CREDENTIALS, publishing, TARGET } from './publish-command.ts';

export const snapshotsCommand = defineCommand({
  call: 'npm run snapshots',
  summary: 'Lists the published snapshots, the last used first',
  details:
    'Shows which is live, when each went live, how large it is, and what it changed against the one below it.',
  settings: PUBLISH_SETTINGS,
  settingFlags: TARGET,
  flags: { json: { help: 'the result as JSON' } },
  notes: CREDENTIALS,
  example: 'npm run snapshots -- --bucket my-marketplace --function my-marketplace-router',
  action: ({ settings, flags }, { print }) =>
    publishing(settings, async ({ target }) => {
      const snapshots = await listSnapshots(target);
      print(flags.json ? formatJson(snapshots) : tabulate(snapshots));
    }),
});

await runProgram(import.meta.url, snapshotsCommand);

function tabulate(snapshots: readonly DescribedSnapshot[]): string {
  if (snapshots.length === 0) return 'There are no snapshots: run npm run deploy for the first\n';
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

/** Such as `2026-11-24 20:15` in UTC, as in logs. */
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
