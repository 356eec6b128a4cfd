import { describeHosts } from '../../src/hosts/describe-hosts.ts';
import { SERVE_SETTINGS } from '../../src/settings/serve-settings.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand, locate } from '../cli/command.ts';
import { formatTable } from '../cli/format-table.ts';
import { formatJson } from '../cli/print.ts';
import { formatBytes } from '../site/summarize.ts';

export const hosts = defineCommand({
  call: 'npm run hosts',
  summary: 'Lists the hosts that a build can be served by',
  details:
    'Shows what each host runs, how large that is, and what it refuses of what is published: with 400, and never with another answer. What Mattermost servers ask for is refused by none. docs/hosting.md says how to serve by each.',
  settings: SERVE_SETTINGS,
  settingFlags: ['dir'],
  flags: { json: { help: 'the result as JSON' } },
  example: 'npm run build && npm run hosts',
  action: async ({ settings, flags }, context) => {
    const { snapshot } = await readSnapshot(locate(settings.dir, context));
    const described = describeHosts(snapshot);
    if (flags.json) return context.print(formatJson(described));
    const rows = described.map(({ host, by, bytes, refuses }) => ({
      host,
      runs: by,
      size: bytes > 0 ? formatBytes(bytes) : '–',
      refuses: refuses.join(', ') || 'nothing',
    }));
    context.print(formatTable(rows, ['host', 'runs', 'refuses']));
  },
});

await runProgram(import.meta.url, hosts);
