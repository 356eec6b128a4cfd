import { parseArgs } from 'node:util';
import { UsageError } from '../src/errors.ts';
import { runCommand } from './cli.ts';
import { serveUntilSignal } from './serve-until-signal.ts';

const help = `
Serves a build: the router that goes to the edge, over the files of the build. A new build in the
same folder is served from then on, without a restart.

Usage: npm run serve -- [--dir DIR] [--host HOST] [--port PORT] [--log]

  --dir DIR    the build                          (default: dist)
  --host HOST  the address to listen on           (default: 127.0.0.1, or MARKETPLACE_HOST)
               0.0.0.0 is every address of this machine
  --port PORT  the port to listen on, 0: any free (default: 8085, or MARKETPLACE_PORT)
  --log        a line on stderr for each request

Example:
  npm run build
  npm run serve -- --port 9000
  curl 'http://127.0.0.1:9000/api/v1/plugins?server_version=9.5.0'
`;

await runCommand(help, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: 'string', default: 'dist' },
      host: { type: 'string' },
      port: { type: 'string' },
      log: { type: 'boolean', default: false },
    },
  });
  const { MARKETPLACE_HOST: envHost, MARKETPLACE_PORT: envPort } = process.env;
  await serveUntilSignal({
    dir: values.dir,
    host: values.host || envHost || '127.0.0.1',
    port:
      values.port === undefined
        ? parsePort('MARKETPLACE_PORT', envPort || '8085')
        : parsePort('--port', values.port),
    log: values.log,
  });
});

function parsePort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`${name} is a number from 0 to 65535, not ${JSON.stringify(text)}`);
}
