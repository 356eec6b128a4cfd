import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import glob from 'fast-glob';
import { UserError } from '../../src/lib/errors.ts';
import { runCommand } from '../cli/cli.ts';
import { ROOMS } from './rooms.ts';

const HELP = `
Checks that imports in src/ go one way, as build/dev/rooms.ts lists them, and that no folder has more files than people
take in at once.

  npm run check
`;

/** How many files a folder may have, tests among them. */
const MOST_FILES = 15;

await runCommand(HELP, async () => {
  const files = (await glob('src/**/*.ts')).filter((file) => !/\.test\.ts$|\/fixture-/.test(file));
  const faults = [...files.flatMap(importFaults), ...(await crowdedFolders())];
  if (faults.length > 0) throw new UserError('the house is not in order', faults);
});

function importFaults(file: string) {
  const imported = [...readFileSync(file, 'utf8').matchAll(/\bfrom '(\.[^']+)'/g)];
  const room = roomOf(file);
  return imported.flatMap(([, name = '']) => {
    const target = path.posix.join(path.posix.dirname(file), name);
    const other = roomOf(target);
    if (room === other || opens(ROOMS[room ?? ''] ?? [], other)) return [];
    return [
      {
        level: 'error' as const,
        file,
        message: `imports ${target}: ${room ?? 'what is in no room'} may not import ${other ?? 'what is in no room'}`,
        remedy: 'move what both need into a room below, or change build/dev/rooms.ts',
      },
    ];
  });
}

/** The room that a file lies in. */
function roomOf(file: string): string | undefined {
  const names = Object.keys(ROOMS).filter((name) => file.startsWith(`src/${name}/`));
  return names.sort((a, b) => b.length - a.length)[0];
}

function opens(rooms: readonly string[], other: string | undefined): boolean {
  return (
    other !== undefined && rooms.some((room) => other === room || other.startsWith(`${room}/`))
  );
}

async function crowdedFolders() {
  const folders = await glob('{src,build,infra,test}/**', {
    onlyDirectories: true,
    ignore: ['**/fixtures/**'],
  });
  return folders.flatMap((folder) => {
    const count = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    ).length;
    if (count <= MOST_FILES) return [];
    return [
      {
        level: 'error' as const,
        file: folder,
        message: `has ${count} files, more than ${MOST_FILES}`,
        remedy: 'give what belongs together a folder of its own',
      },
    ];
  });
}
