import type { RunningServer } from '../../src/hosts/embedded/start-server.ts';
import { BUILD_SETTINGS, type BuildSettings } from '../../src/settings/build-settings.ts';
import { SERVE_SETTINGS } from '../../src/settings/serve-settings.ts';
import { LOCK_FILE } from '../../src/upstream/read-upstream.ts';
import { explainError, runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { EMBEDDED, serveUntilSignal } from '../serve/serve-until-signal.ts';
import { lookAtInputs } from './look-at-inputs.ts';
import { rebuildOnChange } from './rebuild-on-change.ts';
import { BUILD_FLAGS, type BuildRun, runBuild } from './run-build.ts';
import { summarize } from './summarize.ts';

export const start = defineCommand({
  call: 'npm start',
  summary: 'Builds the marketplace and serves it on http://localhost:8085, until Ctrl-C',
  settings: { ...BUILD_SETTINGS, ...SERVE_SETTINGS },
  settingFlags: [...(Object.keys(BUILD_SETTINGS) as (keyof BuildSettings)[]), ...EMBEDDED],
  // Only the embedded server reads the build, and it needs no plain files beside the compressed ones.
  defaults: { compress: 'gzip' },
  flags: {
    watch: { help: 'build again whenever the catalog or the configuration changes' },
    ...BUILD_FLAGS,
  },
  example: `npm start -- --watch
curl 'http://localhost:8085/api/v1/plugins?server_version=9.5.0'`,
  action: async ({ settings: first, readAgain, flags, config }, context) => {
    const { dir } = first;
    let { catalog, upstream, users, verified } = first;
    const look = async () => {
      // While the configuration is broken, the catalog is where it last was. A build will report it.
      const last = { catalog, upstream, users, verified };
      ({ catalog, upstream, users, verified } = await readAgain().catch(() => last));
      const others = [
        ...[config, verified],
        ...(upstream === '' ? [] : [LOCK_FILE]),
        ...(users === '' ? [] : [users]),
      ];
      return await lookAtInputs(catalog, others, context.cwd);
    };
    const build = async (isRefresh: boolean) => {
      // Another folder would not be the one that is served.
      const settings = { ...(await readAgain()), dir };
      return await runBuild(
        { settings, isStrict: flags.strict, isEverything: flags.everything, isRefresh },
        context,
      );
    };

    const built = await look();
    let last = await build(flags.refresh);
    context.print(summarize(last, dir));

    const stop = new AbortController();
    let watching: Promise<void> | undefined;
    const onReady = (server: RunningServer) => {
      if (!flags.watch) return;
      const rebuild = async () => {
        try {
          const next = await build(false);
          await server.reload();
          context.print(describeRebuild(last, next));
          last = next;
        } catch (error) {
          context.report(explainError(error).text.trimEnd());
          context.report('still serving the last good build');
        }
      };
      watching = rebuildOnChange({ look, built, rebuild, signal: stop.signal });
    };
    await serveUntilSignal({ ...first, onReady }, context);
    stop.abort();
    await watching;
  },
});

await runProgram(import.meta.url, start);

/** Such as `Rebuilt in 0.4 s: 42 -> 43 releases, snapshot 9f307f2d073cad0f`. */
function describeRebuild(last: BuildRun, next: BuildRun): string {
  const [before, after] = [last, next].map(({ result }) => result.snapshot);
  const change =
    before?.id === after?.id
      ? 'nothing changed'
      : `${before?.catalog.releases} -> ${after?.catalog.releases} releases, snapshot ${after?.id}`;
  return `Rebuilt in ${next.seconds.toFixed(1)} s: ${change}\n`;
}
