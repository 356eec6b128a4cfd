import path from 'node:path';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { writePackage } from './write-package.ts';

const FOLDER = path.join(import.meta.dirname, '../../package');

const packageCommand = defineCommand({
  call: 'npm run package',
  summary:
    'Writes the package into package/: the commands in JavaScript, to be used without this repository',
  example: 'npm run package && npm pack ./package',
  action: async (_, { cwd, print }) => {
    await writePackage(FOLDER);
    print(`${path.join(path.relative(cwd, FOLDER), '/')}\n`);
  },
});

await runProgram(import.meta.url, packageCommand);
