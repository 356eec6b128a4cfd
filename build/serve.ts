import { parseArgs } from 'node:util';
import { recoverFolder } from '../src/site/replace-folder.ts';
import { runCommand } from './cli.ts';
import { ADDRESS_FLAGS, ADDRESS_HELP, readServeAddress } from './serve-address.ts';
import { serveUntilSignal } from './serve-until-signal.ts';

const HELP = `
Serves a build: the router that goes to the edge, over the files of the build. A new build in the
same folder is served from then on, without a restart.

  npm run serve -- [--dir DIR] [--bundles DIR] [--host HOST] [--port PORT] [--log]

  --dir DIR             the build                                           (dist)
  --bundles DIR         a pack that npm run catalog -- mirror made: its bundles, at /bundles/…
${ADDRESS_HELP}
  --log                 a line on stderr for each request

Example:
  npm run build
  npm run serve -- --port 9000
  curl 'http://127.0.0.1:9000/api/v1/plugins?server_version=9.5.0'
`;

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...ADDRESS_FLAGS,
      dir: { type: 'string', default: 'dist' },
      bundles: { type: 'string' },
      log: { type: 'boolean', default: false },
    },
  });
  const { dir, bundles, log } = values;
  const address = readServeAddress(values, process.env);
  await serveUntilSignal({ dir, bundles, ...address, log, recover: () => recoverFolder(dir) });
});
