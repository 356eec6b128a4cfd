import { parseArgs } from 'node:util';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { describeFailure, fuzz } from '../../test/fuzz/fuzz.ts';
import { TARGETS } from '../../test/fuzz/targets.ts';
import { runCommand } from '../cli/cli.ts';
import { print } from '../cli/print.ts';

const HELP = `
Tries everything that reads what others wrote on odd inputs, until one breaks a promise or the time is up.

  npm run fuzz -- [--seed N] [--seconds S] [TARGET...]

  --seed N     of the first input, each further one has the next; default: 1
  --seconds S  for each target; default: 60
  TARGET       ${Object.keys(TARGETS).join(', ')}; default: all

Example: npm run fuzz -- --seconds 600 catalogs
`;

await runCommand(HELP, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '60' },
    },
    allowPositionals: true,
  });
  const [seed, seconds] = [Number(values.seed), Number(values.seconds)];
  if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError('--seed takes a whole number');
  if (!(seconds > 0)) throw new UsageError('--seconds takes a number above zero');
  const unknown = positionals.filter((name) => !Object.hasOwn(TARGETS, name));
  if (unknown.length > 0) throw new UsageError(`there is no target ${unknown.join(', ')}`);
  let failures = 0;
  for (const name of positionals.length > 0 ? positionals : Object.keys(TARGETS)) {
    const target = await TARGETS[name]?.();
    if (target === undefined) continue;
    const milliseconds = seconds * 1000;
    const result = await fuzz(name, target, { seed, milliseconds }).finally(() => target.stop?.());
    print(`${name}: ${result.inputs} inputs\n`);
    if (result.failure === undefined) continue;
    print(`${describeFailure(name, result.failure)}\n`);
    failures++;
  }
  if (failures > 0) throw new UserError(`${failures} targets failed`);
});
