import { UsageError, UserError } from '../../src/lib/errors.ts';
import { describeFailure, fuzz } from '../../test/fuzz/fuzz.ts';
import { TARGETS } from '../../test/fuzz/targets.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';

const fuzzCommand = defineCommand({
  call: 'npm run fuzz',
  summary:
    'Tries odd inputs on everything that reads what others wrote, until one breaks a promise or the time is up',
  details: `The targets are ${Object.keys(TARGETS).join(', ')}; by default, all of them.`,
  operands: '[TARGET...]',
  flags: {
    seed: { value: 'n', fallback: '1', help: 'of the first input; each further one has the next' },
    seconds: { value: 's', fallback: '60', help: 'for each target' },
  },
  example: 'npm run fuzz -- --seconds 600 catalogs',
  action: async ({ operands, flags }, { print }) => {
    const [seed, seconds] = [Number(flags.seed), Number(flags.seconds)];
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new UsageError('--seed takes a whole number');
    if (!(seconds > 0)) throw new UsageError('--seconds takes a number above zero');
    const unknown = operands.filter((name) => !Object.hasOwn(TARGETS, name));
    if (unknown.length > 0) throw new UsageError(`unknown target ${unknown.join(', ')}`);
    let failures = 0;
    for (const name of operands.length > 0 ? operands : Object.keys(TARGETS)) {
      const target = await TARGETS[name]?.();
      if (target === undefined) continue;
      const milliseconds = seconds * 1000;
      const result = await fuzz(name, target, { seed, milliseconds }).finally(() =>
        target.stop?.(),
      );
      print(`${name}: ${result.inputs} inputs\n`);
      if (result.failure === undefined) continue;
      print(`${describeFailure(name, result.failure)}\n`);
      failures++;
    }
    if (failures > 0) throw new UserError(`${failures} targets failed`);
  },
});

await runProgram(import.meta.url, fuzzCommand);
