import about from '../../package.json' with { type: 'json' };
import { type Command, type CommandContext, defineGroup, type ExitCode } from '../cli/command.ts';

export type { CommandContext, ExitCode };

/** Each command by its name. A command is loaded when it is called: what only others need takes no time. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['init', async () => (await import('../init/init.ts')).init],
  ['start', async () => (await import('../site/start.ts')).start],
  ['build', async () => (await import('../site/build.ts')).build],
  ['serve', async () => (await import('../serve/serve.ts')).serve],
  ['nginx', async () => (await import('../serve/nginx.ts')).nginx],
  ['hosts', async () => (await import('../serve/hosts.ts')).hosts],
  ['users', async () => (await import('../serve/users.ts')).users],
  ['probe', async () => (await import('../probe/probe.ts')).probe],
  ['diff', async () => (await import('../diff/diff.ts')).diff],
  ['catalog', async () => (await import('../catalog/catalog.ts')).catalog],
  ['deploy', async () => (await import('../publish/deploy.ts')).deployCommand],
  ['rollback', async () => (await import('../publish/rollback.ts')).rollbackCommand],
  ['snapshots', async () => (await import('../publish/snapshots.ts')).snapshotsCommand],
  ['prune', async () => (await import('../publish/prune.ts')).pruneCommand],
]);

/**
 * Runs a command, as `npx mattermost-static-marketplace` does with the same arguments: `run(['build', '--dir', 'out'], context)`.
 *
 * @returns the exit code
 * @throws {UsageError} for wrong arguments, {UserError} where the command fails
 */
export async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [name = '', ...rest] = args;
  const load = COMMANDS.get(name);
  if (load) return await (await load()).run(rest, context);
  if (name === '--version') {
    context.print(`${about.version}\n`);
    return 0;
  }
  const commands = await Promise.all([...COMMANDS.values()].map((load) => load()));
  const call = `npx ${about.name}`;
  const group = { call, summary: about.description, example: `${call} build` };
  return await defineGroup(group, commands).run(args, context);
}
