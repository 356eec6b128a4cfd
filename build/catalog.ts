import { UsageError } from '../src/errors.ts';
import { WEB } from '../src/web/web.ts';
import { askSecret } from './ask-secret.ts';
import { add } from './catalog/add.ts';
import type { CatalogCommand } from './catalog/catalog-command.ts';
import { check } from './catalog/check.ts';
import { importCatalog } from './catalog/import.ts';
import { migrate } from './catalog/migrate.ts';
import { mirror } from './catalog/mirror.ts';
import { sign } from './catalog/sign.ts';
import { update } from './catalog/update.ts';
import { verify } from './catalog/verify.ts';
import { runCommand } from './cli.ts';
import { print, printError, tell } from './print.ts';
import { progressLine } from './progress-line.ts';

const COMMANDS: Readonly<Record<string, CatalogCommand>> = {
  check,
  add,
  sign,
  update,
  migrate,
  import: importCatalog,
  verify,
  mirror,
};

const HELP = `
Looks after the catalog.

  npm run catalog -- COMMAND [--help]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(9)}${summary}`)
  .join('\n')}

Example: npm run catalog -- add mattermost-plugin-jira v4.1.1 --official
`;

const command = Object.hasOwn(COMMANDS, process.argv[2] ?? '')
  ? COMMANDS[process.argv[2] ?? '']
  : undefined;

await runCommand(command?.help ?? HELP, async ([name = '', ...args]) => {
  if (command === undefined) {
    const names = Object.keys(COMMANDS).join(', ');
    throw new UsageError(`there is no command ${JSON.stringify(name)}; there are ${names}`);
  }
  const status = progressLine(process.stderr, args.includes('--json'));
  await command
    .run(args, {
      cwd: process.cwd(),
      environment: process.env,
      web: WEB,
      now: () => new Date(),
      print,
      tell,
      status,
      askSecret: (question) => askSecret(question, process.stdin, { write: printError }),
    })
    .finally(status.clear);
});
