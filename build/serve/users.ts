import { open } from 'node:fs/promises';
import { makePassword, USER_NAME, userLine } from '../../src/hosts/users.ts';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { explainWriteError } from '../../src/lib/files/explain-file-error.ts';
import { replaceFile } from '../../src/lib/files/replace-file.ts';
import { readText } from '../../src/lib/json/read-text.ts';
import { SERVE_SETTINGS } from '../../src/settings/serve-settings.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand, locate } from '../cli/command.ts';

export const users = defineCommand({
  call: 'npm run users',
  summary: 'Makes a user of a marketplace for users only, or a new password for one',
  details:
    'Writes a line with hashes into the file --users, and prints the user with a new password, which is kept nowhere. To remove a user, remove the line. The next build goes by the file.',
  operands: 'NAME',
  operandsRemedy: 'name one user, such as servers',
  settings: SERVE_SETTINGS,
  settingFlags: ['users'],
  example: `npm run users -- servers --users users
npm run build -- --users users`,
  action: async ({ operands: [name = ''], settings }, context) => {
    if (!USER_NAME.test(name)) {
      throw new UsageError('a user has a name of letters, digits, . _ and -, at most 64 of them');
    }
    if (settings.users === '') throw new UsageError('name the file of users with --users');
    const file = locate(settings.users, context);
    await createFile(file, settings.users);
    const read = await readText(file, settings.users);
    if ('problem' in read) throw new UserError(`${settings.users} cannot be used`, [read.problem]);
    const password = makePassword();
    const others = read.text.split('\n').map((line) => line.trim());
    const kept = others.filter((line) => line !== '' && !line.startsWith(`${name}:`));
    const text = [...kept, userLine(name, password), ''].join('\n');
    await replaceFile(file, text, { name: settings.users, expected: read.text });
    context.print(`${name}:${password}\n`);
    context.report(`MarketplaceURL is https://${name}:PASSWORD@HOST, with this password`);
  },
});

/** Makes an empty file where there is none, which only this user may read. A replacement keeps that. */
async function createFile(file: string, name: string): Promise<void> {
  try {
    await (await open(file, 'a', 0o600)).close();
  } catch (error) {
    throw explainWriteError(error, name);
  }
}

await runProgram(import.meta.url, users);
