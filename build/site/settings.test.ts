import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { BUILD_SETTINGS } from '../../src/settings/build-settings.ts';
import { CATALOG_SETTINGS } from '../../src/settings/catalog-settings.ts';
import { PUBLISH_SETTINGS } from '../../src/settings/publish-settings.ts';
import { readBuildSettings } from '../../src/settings/read-settings.ts';
import { SERVE_SETTINGS } from '../../src/settings/serve-settings.ts';
import type { FileSetting, Setting } from '../../src/settings/setting.ts';
import { skipWithoutNginx } from '../../test/engines/nginx.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { release, run, start, writeCatalog } from '../cli/fixture-command.ts';
import { endNginx } from '../serve/fixture-nginx.ts';
import { runBuild } from './run-build.ts';

type Table = Readonly<Record<string, FileSetting<unknown> | Setting<unknown>>>;

/** A command, in an empty folder: it reads its settings, does what it can and fails. */
interface Command {
  readonly program: string;
  readonly args?: readonly string[];
  /** What it reads. */
  readonly tables: readonly Table[];
  /** Those of them that have no flag here, for they change nothing that it does. */
  readonly without?: readonly string[];
}

const PUBLISH = [PUBLISH_SETTINGS];
const CATALOG = [CATALOG_SETTINGS];
const OF_CATALOG = ['store', 'github', 'cache', 'keys'];
const besides = (...names: string[]) => OF_CATALOG.filter((name) => !names.includes(name));

const COMMANDS: Readonly<Record<string, Command>> = {
  build: { program: 'build', tables: [BUILD_SETTINGS] },
  start: { program: 'start', tables: [BUILD_SETTINGS, SERVE_SETTINGS], without: ['nginxRoot'] },
  serve: { program: 'serve', tables: [SERVE_SETTINGS], without: ['nginxRoot'] },
  nginx: {
    program: 'nginx',
    tables: [SERVE_SETTINGS],
    without: ['log', 'maxConnections', 'maxUnreadBytes'],
  },
  diff: {
    program: 'diff',
    args: ['a.json', 'b.json'],
    tables: [BUILD_SETTINGS],
    without: Object.keys(BUILD_SETTINGS).filter((name) => name !== 'catalog'),
  },
  deploy: { program: 'deploy', tables: PUBLISH },
  rollback: { program: 'rollback', tables: PUBLISH },
  snapshots: { program: 'snapshots', tables: PUBLISH },
  prune: { program: 'prune', tables: PUBLISH },
  'catalog check': { program: 'catalog', args: ['check'], tables: CATALOG, without: besides() },
  'catalog add': {
    program: 'catalog',
    args: ['add', 'mattermost-plugin-a', 'v1.0.0', '--official'],
    tables: CATALOG,
    without: besides('store', 'keys'),
  },
  'catalog update': {
    program: 'catalog',
    args: ['update'],
    tables: CATALOG,
    without: besides('github', 'cache', 'store'),
  },
  'catalog migrate': {
    program: 'catalog',
    args: ['migrate'],
    tables: CATALOG,
    without: besides('store'),
  },
  'catalog verify': {
    program: 'catalog',
    args: ['verify'],
    tables: CATALOG,
    without: besides('cache', 'keys'),
  },
  'catalog mirror': {
    program: 'catalog',
    args: ['mirror', '--to', 'pack', '--base-url', 'http://127.0.0.1:1'],
    tables: CATALOG,
    without: besides('keys'),
  },
};

/** What takes nothing that could be set for every command. */
const WITHOUT_SETTINGS = ['test', 'check', 'format', 'schema', 'screenshots', 'bench', 'fuzz'];
const CATALOG_WITHOUT_SETTINGS = ['import', 'sign'];

/** Whatever a publishing command needs to get as far as its first request, which then has no credentials. */
const noAccess = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_PROFILE: '',
  AWS_REGION: 'us-east-1',
  HOME: '/nonexistent',
};

/** Tells, when the process ends, which variables it looked at. */
const tellVariables = `
import { writeSync } from 'node:fs';
const seen = new Set();
process.env = new Proxy(process.env, {
  get: (target, name) => (seen.add(name), target[name]),
});
process.on('exit', () => writeSync(1, '\\nvariables: ' + [...seen].map(String).join(' ')));`;

const rowsOf = ({ tables }: Command) => tables.flatMap((table) => Object.entries(table));

/** A text that a flag of the setting takes. */
const VALUES: Readonly<Record<string, string>> = {
  pageSizes: '10',
  search: 'off',
  everyPageSize: 'off',
  pathStyle: 'off',
  compress: 'off',
  accentColor: '#000000',
};
const NUMBERS = /^(max|router|port$|concurrency|probe|edge|keep$)/;
const URLS = /^(upstream|siteUrl|store|github)$/;
const textFor = (name: string) =>
  VALUES[name] ?? (NUMBERS.test(name) ? '1' : URLS.test(name) ? 'http://127.0.0.1:1' : 'a-text');

describe('every command and every way of setting', { concurrency: 2 }, () => {
  for (const [name, command] of Object.entries(COMMANDS)) {
    const { program, args = [], without = [] } = command;
    const flags = rowsOf(command).flatMap(([setting, row]) => {
      if (!('flag' in row) || without.includes(setting)) return [];
      // It takes no value.
      if (setting === 'log') return ['--log'];
      return [`--${row.flag}`, textFor(setting)];
    });

    test(`${name} takes each of its ${flags.length} flags and values, and --config`, async (t) => {
      const cwd = await makeFolder(t);
      const all = [...args, ...flags, '--config', 'missing.json'];
      const { code, stderr } = await run(t, { program, args: all, cwd });
      assert.match(stderr, /missing\.json: does not exist/);
      assert.equal(code, 1);
    });

    test(`${name} reads the configuration file`, async (t) => {
      const cwd = await makeFolder(t);
      await writeFile(path.join(cwd, 'marketplace.config.json'), '{"nope": 1}');
      const { code, stderr } = await run(t, { program, args, cwd });
      assert.match(stderr, /marketplace\.config\.json:1:1: .*"nope"/);
      assert.equal(code, 1);
    });

    test(`${name} reads the variable of each of its settings`, async (t) => {
      const cwd = await makeFolder(t);
      const publishing = { bucket: 'b', function: 'f', siteUrl: 'http://127.0.0.1:1' };
      await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(publishing));
      const { stdout, stderr } = await run(t, {
        program,
        args,
        cwd,
        env: noAccess,
        preload: tellVariables,
      });
      const seen = /\nvariables: (.*)$/.exec(stdout)?.[1]?.split(' ') ?? [];
      const unread = rowsOf(command).flatMap(([, row]) =>
        'flag' in row
          ? [row.environment, ...(row.alias ? [row.alias.environment] : [])].filter(
              (variable) => !seen.includes(variable),
            )
          : [],
      );
      assert.deepEqual(unread, [], stderr);
    });
  }
});

test('every command and every setting is in the table', async (t) => {
  const { scripts } = JSON.parse(
    await readFile(path.join(import.meta.dirname, '../../package.json'), 'utf8'),
  );
  const { stdout } = await run(t, {
    program: 'catalog',
    args: ['--help'],
    cwd: await makeFolder(t),
  });
  const ofCatalog = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name ?? '');
  assert.ok(ofCatalog.length > 6);
  const all = [
    ...Object.keys(scripts).filter((name) => name !== 'catalog'),
    ...ofCatalog.map((name) => `catalog ${name}`),
  ];
  const known = [
    ...Object.keys(COMMANDS),
    ...WITHOUT_SETTINGS,
    ...CATALOG_WITHOUT_SETTINGS.map((name) => `catalog ${name}`),
  ];
  assert.deepEqual(all.sort(), known.sort());
  const taken = new Set(
    Object.values(COMMANDS).flatMap((command) =>
      rowsOf(command)
        .map(([name]) => name)
        .filter((name) => !command.without?.includes(name)),
    ),
  );
  const settings = [BUILD_SETTINGS, SERVE_SETTINGS, CATALOG_SETTINGS, PUBLISH_SETTINGS];
  const idle = settings.flatMap((table) => Object.keys(table)).filter((name) => !taken.has(name));
  assert.deepEqual(idle, [], 'a setting that no command takes');
});

/** What is seen of a setting that a command obeys. */
interface Sighting {
  readonly program: string;
  readonly args?: readonly string[];
  readonly table: Table;
  readonly name: string;
  /** As text, and in the file. */
  readonly value: string | number;
  /** What the command says then. */
  readonly says: RegExp;
  readonly skip?: string | false;
}

const dir = { table: SERVE_SETTINGS, name: 'dir', value: 'elsewhere' };
const bundles = { table: SERVE_SETTINGS, name: 'bundles', value: 'no-pack' };
const skip = skipWithoutNginx;
const noDist = /elsewhere\/ holds no snapshot\.json/;
const noPack = /no-pack/;

const SIGHTINGS: readonly Sighting[] = [
  { ...dir, program: 'build', says: /^Built elsewhere\/ in / },
  { ...dir, program: 'start', says: /^Built elsewhere\/ in / },
  { ...dir, program: 'serve', says: /elsewhere\/ does not exist/ },
  {
    ...dir,
    program: 'nginx',
    args: ['--port', '1'],
    says: noDist,
    skip,
  },
  { ...dir, program: 'deploy', args: ['--bucket', 'b', '--function', 'f'], says: noDist },
  { ...bundles, program: 'start', says: noPack },
  { ...bundles, program: 'serve', says: noPack },
  { ...bundles, program: 'nginx', args: ['--port', '1'], says: noPack, skip },
  {
    program: 'nginx',
    args: ['--stop'],
    table: SERVE_SETTINGS,
    name: 'nginxRoot',
    value: 'root',
    says: /no nginx runs in .*\/root:/,
  },
];

/** The arguments, the variables and the file by which a setting is given its value. */
function waysOf({ table, name, value }: Pick<Sighting, 'table' | 'name' | 'value'>) {
  const setting = table[name];
  assert.ok(setting && 'flag' in setting);
  const { flag, environment, alias } = setting;
  return [{ name, flag, environment }, ...(alias ? [alias] : [])].flatMap((spelling) => [
    { args: [`--${spelling.flag}`, `${value}`], env: {}, file: {} },
    { args: [], env: { [spelling.environment]: `${value}` }, file: {} },
    { args: [], env: {}, file: { [spelling.name]: value } },
  ]);
}

let project: string;

before(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'settings-'));
  await writeCatalog(path.join(project, 'plugins.json'), [release('jira', '1.0.0')]);
  const settings = await readBuildSettings({}, {}, project);
  const dir = path.join(project, 'dist');
  await runBuild({ settings: { ...settings, dir }, cwd: project, isStrict: true, isQuiet: true });
});

after(() => rm(project, { recursive: true }));

/** A folder with a catalog, and its build in `dist`. */
async function makeProject(t: TestContext): Promise<string> {
  const cwd = await makeFolder(t);
  await cp(project, cwd, { recursive: true });
  return cwd;
}

describe('what is set, and what is done', { concurrency: 2 }, () => {
  for (const sighting of SIGHTINGS) {
    const { program, args = [], says, skip = false } = sighting;
    for (const way of waysOf(sighting)) {
      const told = JSON.stringify([way.args, way.env, way.file]);
      test(`${program} is told ${told} and says ${says}`, { skip }, async (t) => {
        const cwd = await makeProject(t);
        endNginx(t, path.join(cwd, '.nginx'));
        await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(way.file));
        // A server that does start takes any port, and is ended with the test.
        const env = { MARKETPLACE_PORT: '0', ...way.env };
        const running = start(t, { program, args: [...args, ...way.args], cwd, env });
        const saysSo = new Promise<void>((resolve) => {
          for (const stream of [running.child.stdout, running.child.stderr]) {
            stream?.on('data', () => {
              if (says.test(running.stdout) || says.test(running.stderr)) resolve();
            });
          }
        });
        await Promise.race([saysSo, running.ended]);
        assert.match(`${running.stdout}${running.stderr}`, says);
      });
    }
  }
});

const LISTEN = [
  ['serve', (at: string) => new RegExp(`Port \\d+ on ${at} is taken`), false],
  ['start', (at: string) => new RegExp(`Port \\d+ on ${at} is taken`), false],
  ['nginx', (at: string) => new RegExp(`nginx does not serve on http://${at}:\\d+`), skip],
] as const;

describe('the address to listen on', { concurrency: 2 }, () => {
  for (const [program, says, skip] of LISTEN) {
    for (const way of ['flags', 'environment', 'file'] as const) {
      test(`${program} takes host and port from the ${way}`, { skip }, async (t) => {
        const cwd = await makeProject(t);
        endNginx(t, path.join(cwd, '.nginx'));
        const holder = createServer().listen(0, '127.0.0.2');
        await once(holder, 'listening');
        t.after(() => holder.close());
        const { port } = holder.address() as { port: number };
        const ways = {
          flags: { args: ['--host', '127.0.0.2', '--port', `${port}`] },
          environment: { env: { MARKETPLACE_HOST: '127.0.0.2', MARKETPLACE_PORT: `${port}` } },
          file: {},
        };
        const file = way === 'file' ? { host: '127.0.0.2', port } : {};
        await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(file));
        const { code, stderr } = await run(t, { program, cwd, ...ways[way] });
        assert.equal(code, 1);
        assert.match(stderr, says('127\\.0\\.0\\.2'));
        assert.ok(stderr.includes(`${port}`), stderr);
      });
    }
  }
});

for (const [way, { args = [], env = {}, file = {} }] of Object.entries<{
  args?: string[];
  env?: Record<string, string>;
  file?: object;
}>({
  flag: { args: ['--log'], env: { MARKETPLACE_LOG: 'off' } },
  environment: { env: { MARKETPLACE_LOG: 'on' } },
  file: { file: { log: true } },
  default: {},
})) {
  test(`serve writes a line for a request where the ${way} says so`, async (t) => {
    const cwd = await makeProject(t);
    await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(file));
    const all = { MARKETPLACE_PORT: '0', ...env };
    const serving = start(t, { program: 'serve', args, cwd, env: all });
    const url = await new Promise<string>((resolve, reject) => {
      serving.child.stdout?.on('data', () => {
        const found = / on (http:\S+)\n/.exec(serving.stdout)?.[1];
        if (found) resolve(found);
      });
      serving.child.once('close', () => reject(new Error(serving.stderr)));
    });
    const answer = await fetch(`${url}/api/v1/health`);
    await answer.arrayBuffer();
    serving.child.kill('SIGTERM');
    await serving.ended;
    assert.equal(serving.stderr.includes('/api/v1/health'), way !== 'default', serving.stderr);
  });
}
