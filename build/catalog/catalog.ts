import { UsageError } from '../../src/lib/errors.ts';
import { WEB } from '../../src/lib/http/web.ts';
import { askSecret } from '../cli/ask-secret.ts';
import { runCommand } from '../cli/cli.ts';
import { print, printError, tell } from '../cli/print.ts';
import { progressLine } from '../cli/progress-line.ts';
import { mirror } from './bundles/mirror.ts';
import { sign } from './bundles/sign.ts';
import { verify } from './bundles/verify.ts';
import type { CatalogCommand } from './catalog-command.ts';
import { check } from './check.ts';
import { importCatalog } from './import.ts';
import { migrate } from './migrate.ts';
import { add } from './releases/add.ts';
import { update } from './releases/update.ts';

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
