import { runProgram } from '../cli/cli.ts';
import { defineGroup } from '../cli/command.ts';
import { mirror } from './bundles/mirror.ts';
import { sign } from './bundles/sign.ts';
import { verify } from './bundles/verify.ts';
import { check } from './check.ts';
import { importCatalog } from './import.ts';
import { migrate } from './migrate.ts';
import { advise } from './notices/advise.ts';
import { deprecate } from './notices/deprecate.ts';
import { suspend } from './notices/suspend.ts';
import { add } from './releases/add.ts';
import { request } from './releases/request.ts';
import { update } from './releases/update.ts';

export const catalog = defineGroup(
  {
    call: 'npm run catalog --',
    summary: 'Looks after the catalog',
    example: 'npm run catalog -- add mattermost-plugin-jira v4.1.1 --official',
  },
  [
    check,
    add,
    request,
    suspend,
    deprecate,
    advise,
    sign,
    update,
    migrate,
    importCatalog,
    verify,
    mirror,
  ],
);

await runProgram(import.meta.url, catalog);
