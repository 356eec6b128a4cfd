import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { section, text, wholeNumber } from '../../src/settings/setting.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { defineCommand, defineGroup } from './command.ts';
import { runHere } from './fixture-command.ts';

const settings = section('Settings', {
  logo: text({ valueName: 'name', takes: 'a logo', fallback: 'red', help: 'the logo' }),
  keep: wholeNumber('bytes', { fallback: 10, help: 'the size' }),
});

const paint = defineCommand({
  call: 'npm run shop -- paint',
  summary: 'Paints things',
  details: 'Of every kind.',
  operands: 'THING [OTHERS...]',
  operandsRemedy: 'name a thing',
  settings,
  settingFlags: ['logo'],
  defaults: { keep: 20 },
  flags: {
    dryRun: { help: 'paint nothing', conflicts: ['coats', 'logo'] },
    coats: { value: 'n', fallback: '1', help: 'how many coats' },
    note: { value: 'text', help: 'a note' },
    tag: { value: 'id', isRepeatable: true, help: 'tags' },
    noRinse: { help: 'leave the brush dirty' },
  },
  notes: 'Wear gloves.',
  example: 'npm run shop -- paint door',
  action: async ({ operands, flags, settings: { logo, keep, given }, config }, { print }) => {
    print(JSON.stringify({ operands, flags, logo, keep, given: [...given], config }));
    return flags.note === 'fail' ? 1 : 0;
  },
});

const sell = defineCommand({
  call: 'npm run shop -- sell',
  summary: 'Sells things',
  example: 'npm run shop -- sell',
  action: async () => {},
});

const shop = defineGroup(
  { call: 'npm run shop --', summary: 'Runs the shop', example: 'npm run shop -- sell' },
  [paint, sell],
);

const NOTHING = {
  operands: ['door'],
  flags: { dryRun: false, coats: '1', tag: [], noRinse: false },
  logo: 'red',
  keep: 20,
  given: [],
  config: 'marketplace.config.json',
};

// Arguments, variables, the configuration file, the action's input besides `NOTHING`.
const inputs: readonly (readonly [string[], Record<string, string>, object, object])[] = [
  [['door'], {}, {}, {}],
  [['door', 'wall', 'wall'], {}, {}, { operands: ['door', 'wall', 'wall'] }],
  [['--', 'door', '--wall'], {}, {}, { operands: ['door', '--wall'] }],
  [['--logo', 'blue', 'door'], {}, {}, { logo: 'blue', given: ['logo'] }],
  [['door', '--logo=blue'], { MARKETPLACE_LOGO: 'green' }, {}, { logo: 'blue', given: ['logo'] }],
  [['door'], { MARKETPLACE_LOGO: 'green' }, {}, { logo: 'green', given: ['logo'] }],
  [['door'], {}, { logo: 'grey', keep: 5 }, { logo: 'grey', keep: 5, given: ['logo', 'keep'] }],
  [
    ['door', '--dry-run', '--tag', 'a', '--tag', 'b', '--note=-3', '--no-rinse'],
    {},
    {},
    { flags: { dryRun: true, coats: '1', note: '-3', tag: ['a', 'b'], noRinse: true } },
  ],
  [['--note', '-', 'door'], {}, {}, { flags: { ...NOTHING.flags, note: '-' } }],
  [['--', '--note', '--tag'], {}, {}, { operands: ['--note', '--tag'] }],
  [['door', '--coats', '2', '--coats', '3'], {}, {}, { flags: { ...NOTHING.flags, coats: '3' } }],
  [
    ['door', '--note=--dry-run', '--', '--logo', '--tag'],
    {},
    {},
    { operands: ['door', '--logo', '--tag'], flags: { ...NOTHING.flags, note: '--dry-run' } },
  ],
  [['door', '--config', 'other.json'], {}, { logo: 'grey' }, { config: 'other.json' }],
];

for (const [args, env, file, expected] of inputs) {
  test(`${args.join(' ')} with ${JSON.stringify([env, file])} gives ${JSON.stringify(expected)}`, async (t) => {
    const cwd = await makeFolder(t);
    await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(file));
    await writeFile(path.join(cwd, 'other.json'), '{}');
    const { code, stdout, stderr } = await runHere(paint, args, { cwd, env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { ...NOTHING, ...expected });
  });
}

// Arguments, the message.
const refusals: readonly (readonly [string[], string])[] = [
  [[], 'name a thing'],
  [['door', '--logos', 'blue'], "unknown option '--logos' (Did you mean --logo?)"],
  [['door', '-x'], "unknown option '-x'"],
  [['door', '--logo'], "option '--logo <name>' argument missing"],
  [
    ['door', '--logo', '--dry-run'],
    '--logo has no value: write --logo=--dry-run to give it this one',
  ],
  [['--note', '--', 'door'], '--note has no value: write --note=-- to give it this one'],
  [['door', '--tag', 'a', '--tag', '-3'], '--tag has no value: write --tag=-3 to give it this one'],
  [['door', '--dry-run=yes'], "unknown option '--dry-run=yes'"],
  [['door', '--keep', '3'], "unknown option '--keep'"],
  [['door', '--logo='], '--logo takes a logo, not ""'],
  [
    ['door', '--dry-run', '--coats', '2'],
    '--dry-run and --coats contradict each other: leave one out',
  ],
  [
    ['door', '--logo', 'a', '--dry-run'],
    '--dry-run and --logo contradict each other: leave one out',
  ],
];

for (const [args, message] of refusals) {
  test(`${args.join(' ')} is wrong usage: ${message}`, async (t) => {
    const { code, stdout, stderr } = await runHere(paint, args, { cwd: await makeFolder(t) });
    assert.equal(stderr, `error: ${message}\nSee --help.\n`);
    assert.deepEqual([code, stdout], [2, '']);
  });
}

test('a command that takes no arguments names the first one', async (t) => {
  const { code, stderr } = await runHere(sell, ['door'], { cwd: await makeFolder(t) });
  assert.deepEqual([code, stderr], [2, 'error: unexpected argument "door"\nSee --help.\n']);
});

test('an action may end with exit code 1 and no message', async (t) => {
  const args = ['door', '--note', 'fail'];
  const { code, stderr } = await runHere(paint, args, { cwd: await makeFolder(t) });
  assert.deepEqual([code, stderr], [1, '']);
});

test('the help has all that a command is made of', () => {
  assert.equal(
    paint.help(),
    `Usage: npm run shop -- paint THING [OTHERS...] [flags]

Paints things.

Of every kind.

Flags:
  --dry-run        paint nothing
  --coats <n>      how many coats (default: 1)
  --note <text>    a note
  --tag <id>       tags
  --no-rinse       leave the brush dirty
  --config <file>  settings as JSON (default: marketplace.config.json)

Settings:
  --logo <name>    the logo (default: red, env: MARKETPLACE_LOGO)

Wear gloves.

Example: npm run shop -- paint door
`,
  );
  assert.match(sell.help(), /^Usage: npm run shop -- sell \[flags\]\n\nSells things\.\n/);
});

test('a group lists its commands, and calls one by its name', async (t) => {
  const cwd = await makeFolder(t);
  const run = (...args: string[]) => runHere(shop, args, { cwd });
  assert.match(shop.help(), /^ {2}paint +Paints things\n {2}sell +Sells things\n\nExample: /m);
  assert.deepEqual(await run('--help'), { code: 0, stdout: shop.help(), stderr: '' });
  for (const flag of ['--help', '-h']) {
    const expected = { code: 0, stdout: paint.help(), stderr: '' };
    assert.deepEqual(await run('paint', '--nope', flag), expected);
  }
  assert.match((await run('paint', 'door')).stdout, /"operands":\["door"\]/);
  for (const args of [[], ['piant'], ['constructor'], ['--json']]) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 2);
    assert.match(stderr, /unknown command ".*"; the commands are paint, sell\n/);
  }
});
