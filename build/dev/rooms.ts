import path from 'node:path';
import glob from 'fast-glob';
import type { Problem } from '../../src/lib/errors.ts';
import { makeModuleGraph } from './tests/module-graph.ts';

/**
 * The rooms of `src`, and what each may import besides packages and itself. A file is in the room with the longest name that
 * fits its path; whoever may import a room may import the rooms inside it.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  router: [],
  mattermost: ['lib'],
  settings: ['lib'],
  catalog: ['lib', 'mattermost'],
  query: ['lib', 'catalog', 'router'],
  snapshot: ['lib', 'catalog', 'query', 'router'],
  signatures: ['lib', 'mattermost'],
  upstream: ['lib', 'mattermost', 'catalog', 'query', 'signatures'],
  curation: [
    'lib',
    'mattermost',
    'settings',
    'catalog',
    'query',
    'router',
    'upstream',
    'signatures',
  ],
  'pack/format': ['lib'],
  pack: ['lib', 'mattermost', 'catalog', 'curation', 'signatures', 'pack/format'],
  hosts: ['lib', 'settings', 'router', 'snapshot', 'pack/format'],
  'pages/shared': ['lib', 'mattermost', 'catalog', 'query', 'router'],
  'pages/browser': ['router', 'pages/shared'],
  pages: [
    'lib',
    'mattermost',
    'settings',
    'catalog',
    'query',
    'router',
    'snapshot',
    'pages/shared',
  ],
  site: ['lib', 'settings', 'catalog', 'query', 'router', 'snapshot', 'hosts', 'pages'],
  diff: ['lib', 'catalog', 'query'],
  publish: ['lib', 'router', 'snapshot', 'hosts', 'signatures'],
  probe: [
    'lib',
    'mattermost',
    'catalog',
    'query',
    'router',
    'snapshot',
    'upstream',
    'curation',
    'signatures',
    'publish',
  ],
};

/** The most files that a folder may have, tests included. */
const MOST_FILES = 15;

/** Reports imports in `src` that ROOMS does not allow, and folders with too many files. */
export function checkRooms(root: string): Problem[] {
  const modules = glob.sync('src/**/*.ts', { cwd: root, ignore: ['**/*.test.ts', '**/fixture-*'] });
  const { importsOf } = makeModuleGraph(root);
  const wrongImports = modules.sort().flatMap((file) =>
    importsOf(file)
      .filter(({ name }) => name.endsWith('.ts') && !mayImport(roomOf(file), roomOf(name)))
      .map(({ name }) => ({
        file,
        message: `imports ${name}, and ${describe(file)} may not import ${describe(name)}`,
        remedy: 'move what both need into a room below, or change build/dev/rooms.ts',
      })),
  );
  return [...wrongImports, ...crowdedFolders(root)].map((problem) => ({
    level: 'error' as const,
    ...problem,
  }));
}

function crowdedFolders(root: string) {
  const files = glob.sync('{src,build,infra,test}/**', {
    cwd: root,
    dot: true,
    ignore: ['**/fixtures/**'],
  });
  const counts = new Map<string, number>();
  for (const folder of files.map((file) => path.posix.dirname(file))) {
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MOST_FILES)
    .map(([file, count]) => ({
      file,
      message: `has ${count} files, and a folder may have ${MOST_FILES}`,
      remedy: 'give those that belong together a folder of their own',
    }));
}

function mayImport(room: string | undefined, other: string | undefined): boolean {
  if (room === other) return true;
  const allowed = ROOMS[room ?? ''] ?? [];
  return allowed.some((name) => other === name || other?.startsWith(`${name}/`));
}

function describe(file: string): string {
  return roomOf(file) ?? 'a file outside the rooms';
}

function roomOf(file: string): string | undefined {
  const names = Object.keys(ROOMS).filter((name) => file.startsWith(`src/${name}/`));
  return names.sort((a, b) => b.length - a.length)[0];
}
