import { parseArgs } from 'node:util';
import { readServeSettings } from '../../src/settings/read-settings.ts';
import { EMBEDDED_FLAGS } from '../../src/settings/serve-settings.ts';
import { recoverFolder } from '../../src/site/write/replace-folder.ts';
import { runCommand } from '../cli/cli.ts';
import { SERVE_HELP } from './serve-help.ts';
import { serveUntilSignal } from './serve-until-signal.ts';

const HELP = `
Serves a build: the router that goes to the edge, over the files of the build. A new build in the
same folder is served from then on, without a restart.

  npm run serve -- [--dir DIR] [--bundles DIR] [--host HOST] [--port PORT] [--log]
               [--max-connections N] [--max-unread-bytes N]

  --dir DIR             the build                                           (dist)
${SERVE_HELP}
  --log                 a line on stderr for each request                   (MARKETPLACE_LOG=on)
  --max-connections N   connections at a time; more are closed              (1000)
  --max-unread-bytes N  what clients may leave unread; beyond that: 503     (268435456)
  --config FILE         settings as JSON                                    (marketplace.config.json)

Example:
  npm run build
  npm run serve -- --port 9000
  curl 'http://127.0.0.1:9000/api/v1/plugins?server_version=9.5.0'
`;

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: EMBEDDED_FLAGS,
  });
  const settings = await readServeSettings(values, process.env, process.cwd());
  await serveUntilSignal({ ...settings, recover: () => recoverFolder(settings.dir) });
});
