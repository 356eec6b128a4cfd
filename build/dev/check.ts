import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { UserError } from '../../src/lib/errors.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { checkRooms } from './rooms.ts';

/** Programs of node_modules/.bin, which run side by side. */
const PROGRAMS: readonly (readonly string[])[] = [
  ['tsc', '--noEmit'],
  ['tsc', '--noEmit', '-p', 'src/router'],
  ['tsc', '--noEmit', '-p', 'src/pages/browser'],
  ['tsc', '--noEmit', '-p', 'src/pages/browser/tsconfig.tests.json'],
  ['biome', 'ci', '--colors=off', '.'],
];

const root = path.join(import.meta.dirname, '../..');

const check = defineCommand({
  call: 'npm run check',
  summary:
    'Checks formatting, lint rules and types, that imports go one way (build/dev/rooms.ts), and that no folder is crowded',
  example: 'npm run check',
  action: async (_, { print }) => {
    const running = PROGRAMS.map(run);
    const problems = checkRooms(root);
    const failed = (await Promise.all(running)).filter((result) => !result.isGood);
    for (const { command, output } of failed) print(`$ ${command}\n${output}\n`);
    const names = [
      ...failed.map(({ command }) => command),
      ...(problems.length > 0 ? ['rooms'] : []),
    ];
    if (names.length > 0) throw new UserError(`these checks failed: ${names.join(', ')}`, problems);
  },
});

await runProgram(import.meta.url, check);

async function run([program = '', ...args]: readonly string[]) {
  const child = spawn(path.join(root, 'node_modules/.bin', program), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { command: [program, ...args].join(' '), output, isGood: code === 0 };
}
