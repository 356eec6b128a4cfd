import { SERVE_SETTINGS } from '../../src/settings/serve-settings.ts';
import { recoverFolder } from '../../src/site/write/replace-folder.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand, locate } from '../cli/command.ts';
import { EMBEDDED, serveUntilSignal } from './serve-until-signal.ts';

export const serve = defineCommand({
  call: 'npm run serve',
  summary: 'Serves a build',
  details:
    'The router of the edge answers from the files of the build. A new build in the same folder is served as soon as it is there, without a restart.',
  settings: SERVE_SETTINGS,
  settingFlags: EMBEDDED,
  example: `npm run build
npm run serve -- --port 9000
curl 'http://127.0.0.1:9000/api/v1/plugins?server_version=9.5.0'`,
  action: ({ settings }, context) =>
    serveUntilSignal(
      { ...settings, recover: () => recoverFolder(locate(settings.dir, context)) },
      context,
    ),
});

await runProgram(import.meta.url, serve);
