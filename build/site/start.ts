import { parseArgs } from 'node:util';
import { BUILD_FLAGS } from '../../src/settings/build-settings.ts';
import { configFile } from '../../src/settings/config-file.ts';
import { readBuildSettings, readServeSettings } from '../../src/settings/read-settings.ts';
import { EMBEDDED_FLAGS } from '../../src/settings/serve-settings.ts';
import { LOCK_FILE } from '../../src/upstream/read-upstream.ts';
import { explainError, runCommand } from '../cli/cli.ts';
import { print, printError } from '../cli/print.ts';
import { lookAtInputs } from '../dev/look-at-inputs.ts';
import { SERVE_HELP } from '../serve/serve-help.ts';
import { serveUntilSignal } from '../serve/serve-until-signal.ts';
import { rebuildOnChange } from './rebuild-on-change.ts';
import { BUILD_HELP, type BuildRun, runBuild } from './run-build.ts';
import { summarize } from './summarize.ts';

const HELP = `
Builds the marketplace and serves it on http://localhost:8085, until Ctrl-C.

  npm start -- [--watch] [--catalog FILE|GLOB]... [--host HOST] [--port PORT] [options]

  --watch               build again whenever the catalog or the configuration changes
${SERVE_HELP}
  --log                 a line on stderr for each request                   (MARKETPLACE_LOG=on)
  --max-connections N   connections at a time; more are closed              (1000)
  --max-unread-bytes N  what clients may leave unread; beyond that: 503     (268435456)
${BUILD_HELP}

Example:
  npm start -- --watch
  curl 'http://localhost:8085/api/v1/plugins?server_version=9.5.0'
`;

/** The embedded server reads the build, and nothing else: it needs no plain form beside the compressed one. */
const DEFAULTS = { compress: 'gzip' } as const;

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...BUILD_FLAGS,
      ...EMBEDDED_FLAGS,
      strict: { type: 'boolean', default: false },
      refresh: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
    },
  });
  const cwd = process.cwd();
  const serveSettings = await readServeSettings(values, process.env, cwd);
  const { name: config } = configFile(values.config);
  const readSettings = () => readBuildSettings(values, process.env, cwd, DEFAULTS);
  let settings = await readSettings();
  const { dir } = settings;

  const look = async () => {
    // While the configuration is broken, the catalog is where it last was. A build will tell.
    settings = await readSettings().catch(() => settings);
    const others = settings.upstream === '' ? [config] : [config, LOCK_FILE];
    return await lookAtInputs(settings.catalog, others, cwd);
  };
  const build = async (isRefresh: boolean) => {
    // Another folder would not be the one that is served.
    const now = { ...(await readSettings()), dir };
    const options = { settings: now, cwd, isStrict: values.strict, isQuiet: false };
    return await runBuild({ ...options, isRefresh });
  };

  const built = await look();
  let last = await build(values.refresh);
  print(summarize(last, dir));

  const stop = new AbortController();
  let watching: Promise<void> | undefined;
  await serveUntilSignal({
    ...serveSettings,
    dir,
    onReady: (server) => {
      if (!values.watch) return;
      const rebuild = async () => {
        try {
          const next = await build(false);
          await server.reload();
          print(describeRebuild(last, next));
          last = next;
        } catch (error) {
          printError(`${explainError(error).text}still serving the last good build\n`);
        }
      };
      watching = rebuildOnChange({ look, built, rebuild, signal: stop.signal });
    },
  });
  stop.abort();
  await watching;
});

/** Such as `Rebuilt in 0.4 s: 42 -> 43 releases, snapshot 9f307f2d073cad0f`. */
function describeRebuild(last: BuildRun, next: BuildRun): string {
  const [before, after] = [last, next].map(({ result }) => result.snapshot);
  const change =
    before?.id === after?.id
      ? 'nothing changed'
      : `${before?.catalog.releases} -> ${after?.catalog.releases} releases, snapshot ${after?.id}`;
  return `Rebuilt in ${next.seconds.toFixed(1)} s: ${change}\n`;
}
