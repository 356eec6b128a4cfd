import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import { UsageError, UserError } from '../lib/errors.ts';
import { BUILD_SETTINGS } from './build-settings.ts';
import { SETTINGS } from './config-file.ts';
import { PUBLISH_SETTINGS } from './publish-settings.ts';
import { type FlagValues, readBuildSettings, readSettings } from './read-settings.ts';
import { SERVE_SETTINGS } from './serve-settings.ts';

const CONFIG = 'marketplace.config.json';

const repository = {
  repo: 'a/b',
  author: 'partner',
  stage: 'beta',
  enterprise: true,
  tag: 'server/v{version}',
  asset: '*-{version}-{tag}.tar.gz',
  ignore: ['v1.0.0', 'nightly-*'],
};
const url = 'https://a.example.com';
const local = 'http://b.example.com:8085/path';
const ids = [
  [
    ['flag.*', 'a,b'],
    ['flag.*', 'a', 'b'],
  ],
  ['c.*, d', ['c.*', 'd']],
  [['file.*', 'e']],
] as const;
const keyFiles = [['a.asc,b.asc', ['a.asc', 'b.asc']], ['c.asc', ['c.asc']], [['d.asc']]] as const;
const texts = [['flag'], ['environment'], ['file']] as const;
const numbers = [['1', 1], ['2', 2], [3]] as const;
const onOff = [['off', false], ['on', true], [false]] as const;

/** The value given, and the resulting value if it differs. */
type Given = readonly [unknown, unknown?];

// A setting: what the flag gives, what the variable gives (undefined: it has none), what the file gives, the default.
const ways: Readonly<
  Record<string, readonly [Given | undefined, Given | undefined, Given, unknown]>
> = {
  catalog: [
    [
      ['flag.json', 'a/*.json,b.json'],
      ['flag.json', 'a/*.json', 'b.json'],
    ],
    ['environment.json, c.json', ['environment.json', 'c.json']],
    [['file.json', 'd,e.json']],
    ['plugins.json'],
  ],
  upstream: [[url], [`${local}/`], [url], ''],
  upstreamKeys: [...keyFiles, []],
  upstreamReserved: [...ids, []],
  upstreamAllow: [...ids, ['*']],
  upstreamDeny: [...ids, []],
  upstreamMinAgeDays: [['0', 0], ['7', 7], [3650], 0],
  verified: [...texts, 'verified.json'],
  requireVerified: [[true], ['on', true], [true], false],
  ignoreChecks: [undefined, undefined, [{ 'a@1.0.0': ['missing-icon'] }], {}],
  dir: [...texts, 'dist'],
  pageSizes: [
    ['25,10,25', [10, 25, 100]],
    ['200', [100, 200]],
    [[50], [50, 100]],
    [10, 20, 25, 50, 100],
  ],
  search: [...onOff, true],
  everyPageSize: [...onOff, true],
  allLists: [...onOff, true],
  hosts: [
    ['nginx,cloudfront', ['nginx', 'cloudfront']],
    ['cloudflare', ['cloudflare']],
    [['nginx']],
    ['cloudfront', 'nginx', 'cloudflare', 'apache', 'caddy', 'haproxy'],
  ],
  maxFiles: [...numbers, 20_000],
  maxBytes: [...numbers, 500_000_000],
  routerBytes: [...numbers, 10_000],
  compress: [['off'], ['gzip'], ['gzip'], 'both'],
  siteTitle: [['Flag, Inc.'], ['Environment'], ['File'], 'Mattermost Plugin Marketplace'],
  introduction: [
    ['Flag'],
    ['Environment'],
    [''],
    'Find a plugin for your Mattermost server, and see which version it gets.',
  ],
  accentColor: [['#AABBCC'], ['#000000'], ['#ffffff'], '#1c58d9'],
  logo: [['flag.svg'], ['environment.png'], ['file.svg'], ''],
  footerLinks: [
    ['a=https://a.example/?b=c,d e=mailto:f@g', ['a=https://a.example/?b=c', 'd e=mailto:f@g']],
    ['a=http://b', ['a=http://b']],
    [['a, b=https://c,d']],
    [],
  ],
  requestUrl: [['https://a.example/new?b=c#d'], [local], [url], ''],
  siteUrl: [[`${url}/`, url], ['https://a:b@c.example'], [url], ''],
  users: [...texts, ''],
  buildTag: [...texts, ''],
  buildHash: [...texts, ''],
  bundles: [...texts, ''],
  host: [...texts, '127.0.0.1'],
  port: [['0', 0], ['65535', 65_535], [1], 8085],
  log: [[true], ['on', true], [true], false],
  maxConnections: [...numbers, 1000],
  maxUnreadBytes: [...numbers, 2 ** 28],
  nginxRoot: [...texts, '.nginx'],
  store: [[`${url}/r`], [local], [url], 'https://plugins.releases.mattermost.com/release'],
  github: [[`${url}/api/v3`], [local], [url], 'https://api.github.com'],
  cache: [...texts, '.marketplace-cache'],
  keys: [...keyFiles, []],
  snapshotKeys: [...keyFiles, []],
  repositories: [undefined, undefined, [[repository]], []],
  to: [['dir:a'], ['ssh://b/c'], ['dir:/d'], ''],
  after: [...texts, ''],
  bucket: [...texts, ''],
  endpoint: [[url], [local], [url], ''],
  function: [...texts, ''],
  keyValueStore: [...texts, ''],
  distribution: [...texts, ''],
  region: [...texts, ''],
  pathStyle: [['on', true], ['off', false], [true], false],
  concurrency: [...numbers, 64],
  probeSeconds: [...numbers, 300],
  edgeMinutes: [...numbers, 60],
  keep: [...numbers, 10],
};

/** A folder with a configuration file, where there is one. */
async function makeProject(t: TestContext, config?: object): Promise<string> {
  const cwd = await makeFolder(t);
  if (config) await writeFile(path.join(cwd, CONFIG), JSON.stringify(config));
  return cwd;
}

test('every setting is tested', () => {
  assert.deepEqual(Object.keys(ways).sort(), Object.keys(SETTINGS).sort());
});

for (const [name, [flag, variable, file, fallback]] of Object.entries(ways)) {
  test(`${name}: the flag wins over the environment, that over the file, that over the default`, async (t) => {
    const setting = SETTINGS[name];
    assert.ok(setting);
    const project = await makeProject(t, { [name]: file[0] });
    const bare = await makeFolder(t);
    const read = async (flags: FlagValues, environment: Record<string, string>, cwd: string) => {
      const settings = await readSettings(SETTINGS, { flags, environment, cwd });
      const { [name]: value, given, ...others } = settings;
      const isSet = cwd === project || Object.values({ ...flags, ...environment }).join('') !== '';
      assert.deepEqual([...given], isSet ? [name] : [], 'given names what is set');
      const fallbacks = Object.entries(ways).map(([other, way]) => [other, way[3]]);
      const { [name]: _, ...expected } = Object.fromEntries(fallbacks);
      assert.deepEqual(others, expected, `${name} sets nothing else`);
      return value;
    };
    const meaning = (given: Given | undefined) => given && (given[1] ?? given[0]);
    assert.deepEqual(await read({}, {}, project), meaning(file));
    assert.deepEqual(await read({}, {}, bare), fallback);
    assert.equal('flag' in setting, flag !== undefined);
    if (!('flag' in setting) || !flag || !variable) return;
    const flags = { [setting.flag]: flag[0] } as FlagValues;
    const environment = { [setting.environment]: String(variable[0]) };
    for (const cwd of [project, bare]) {
      assert.deepEqual(await read(flags, environment, cwd), meaning(flag));
      assert.deepEqual(await read(flags, {}, cwd), meaning(flag));
      assert.deepEqual(await read({}, environment, cwd), meaning(variable));
    }
    const empty = { [setting.environment]: '' };
    assert.deepEqual(
      await read({}, empty, project),
      meaning(file),
      'an empty variable counts as unset',
    );
  });
}

// The value of --catalog, the resulting patterns.
const catalogs: readonly [string, string[]][] = [
  ['a.json', ['a.json']],
  ['a.json,b.json', ['a.json', 'b.json']],
  [' a.json , b c.json ,', ['a.json', 'b c.json']],
  ['{a,b}.json', ['{a,b}.json']],
  ['{a,b}/{c,d,e}.json,f.json', ['{a,b}/{c,d,e}.json', 'f.json']],
];

for (const [text, expected] of catalogs) {
  test(`--catalog ${JSON.stringify(text)} is ${JSON.stringify(expected)}`, async (t) => {
    const settings = await readBuildSettings({ catalog: text }, {}, await makeFolder(t));
    assert.deepEqual(settings.catalog, expected);
  });
}

const noNumbers = ['0', '-1', '1e4', 'x', '', '1.5', '9999999999999999'];
const noSwitches = ['', 'true', 'false', 'ON', ' on', 'on,off', '1', 'yes'];
// They may have a user and a password.
const noMarketplaces = [
  ...['', 'example.com', 'ftp://example.com', 'https://', 'file:///etc/passwd'],
  ...['https://example.com?a=b', 'https://example.com/?a=b', 'https://example.com#a'],
  ...['https://user:word@example.com?a=b', 'ftp://user:word@example.com'],
  // The slash of a password ends the host: the beginning would be asked for, and shown.
  ...['https://user:12/word@example.com', 'https://user:wo/rd@example.com'],
];
const noAddresses = [
  ...noMarketplaces,
  ...['https://user@example.com', 'https://user:word@example.com'],
];

// Flag, texts that it does not take.
const refusedFlags: Readonly<Record<string, readonly string[]>> = {
  'page-sizes': ['0', '-3', '1.5', '1e2', 'abc', '', ' ', ',', '10,x', '10;20', '100001', '0x10'],
  'router-bytes': noNumbers,
  'max-files': noNumbers,
  'max-bytes': noNumbers,
  keep: noNumbers,
  search: noSwitches,
  'every-page-size': noSwitches,
  compress: ['', 'on', 'GZIP', 'gzip ', 'off,gzip', 'br'],
  catalog: ['', ', ,'],
  'upstream-reserved': ['', 'a'.repeat(1001)],
  'upstream-allow': [`*,${'*'.repeat(1001)}`, ','],
  'upstream-deny': ['a*'.repeat(501)],
  'upstream-min-age-days': ['-1', '1.5', '3651', 'week', ''],
  upstream: noMarketplaces,
  store: noAddresses,
  github: noAddresses,
  port: ['', '65536', '-1', '1e3', 'http'],
  out: [''],
  config: [''],
  cache: [''],
  key: ['', ' , '],
};

for (const [flag, refused] of Object.entries(refusedFlags)) {
  for (const text of refused) {
    test(`--${flag}=${JSON.stringify(text)} is wrong usage`, async (t) => {
      const sources = { flags: { [flag]: text }, environment: {}, cwd: await makeFolder(t) };
      await assert.rejects(readSettings(SETTINGS, sources), (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, new RegExp(`^--${flag} takes .*, not `));
        const safe = JSON.stringify(text).replace(/user.*@/, '…@');
        const shown = safe.length > 80 ? `${safe.slice(0, 79)}…` : safe;
        assert.ok(error.message.endsWith(`, not ${shown}`), error.message);
        return true;
      });
    });
  }
}

test('a variable that a setting cannot take is named, and wrong usage is not what it is', async (t) => {
  const cwd = await makeFolder(t);
  for (const [name, text] of [
    ['MARKETPLACE_ROUTER_BYTES', 'ten'],
    ['MARKETPLACE_CATALOG', ' , '],
  ] as const) {
    const refusal = readBuildSettings({}, { [name]: text }, cwd);
    await assert.rejects(refusal, (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, new RegExp(`^${name} takes .*\\n.*"${text}"`));
      return true;
    });
  }
});

test('a command that has other defaults takes what is set before them', async (t) => {
  const cwd = await makeFolder(t);
  const read = async (flags: FlagValues, environment: Record<string, string>) => {
    const sources = { flags, environment, cwd, defaults: { compress: 'gzip' as const } };
    const settings = await readSettings(BUILD_SETTINGS, sources);
    return [settings.compress, settings.dir];
  };
  assert.deepEqual(await read({}, {}), ['gzip', 'dist']);
  assert.deepEqual(await read({}, { MARKETPLACE_COMPRESS: 'off' }), ['off', 'dist']);
  assert.deepEqual(await read({ compress: 'both' }, {}), ['both', 'dist']);
});

// One setting, given in two ways, and the result; undefined means a contradiction.
const spellings: readonly {
  readonly flags?: FlagValues;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: object;
  readonly dir?: string;
}[] = [
  { flags: { out: 'a' }, dir: 'a' },
  { environment: { MARKETPLACE_OUT: 'b' }, dir: 'b' },
  { file: { out: 'c' }, dir: 'c' },
  { flags: { out: 'a' }, environment: { MARKETPLACE_DIR: 'b' }, file: { dir: 'c' }, dir: 'a' },
  { flags: { dir: 'a' }, environment: { MARKETPLACE_OUT: 'b' }, file: { out: 'c' }, dir: 'a' },
  { environment: { MARKETPLACE_OUT: 'b' }, file: { dir: 'c' }, dir: 'b' },
  { flags: { dir: 'a', out: 'a' }, dir: 'a' },
  { environment: { MARKETPLACE_OUT: 'b', MARKETPLACE_DIR: 'b' }, dir: 'b' },
  { environment: { MARKETPLACE_OUT: '', MARKETPLACE_DIR: 'b' }, dir: 'b' },
  { file: { out: 'c', dir: 'c' }, dir: 'c' },
  { flags: { dir: 'a', out: 'b' } },
  { environment: { MARKETPLACE_OUT: 'b', MARKETPLACE_DIR: 'a' } },
  { file: { out: 'c', dir: 'd' } },
];

for (const { flags = {}, environment = {}, file = {}, dir } of spellings) {
  const reported = JSON.stringify([flags, environment, file]);
  test(`the folder of a build, given by ${reported}, is ${dir ?? 'a contradiction'} for every command`, async (t) => {
    const cwd = await makeProject(t, { ...file, bucket: 'b', function: 'f' });
    for (const table of [BUILD_SETTINGS, SERVE_SETTINGS, PUBLISH_SETTINGS]) {
      const settings = readSettings(table, { flags, environment, cwd });
      if (dir !== undefined) assert.equal((await settings).dir, dir);
      else
        await assert.rejects(settings, /are one setting, and contradict each other: leave one out/);
    }
  });
}

// The flag, what is in the folder, the error message; null: it is read.
const configFiles: readonly (readonly [string | undefined, string, string | null])[] = [
  [undefined, 'nothing', null],
  [undefined, CONFIG, null],
  [CONFIG, 'nothing', 'does not exist'],
  ['c.json', CONFIG, 'does not exist'],
  ['a-folder', CONFIG, 'is a directory'],
];

for (const [config, file, message] of configFiles) {
  test(`with --config ${config} and ${file} there, the configuration ${message ?? 'is read'}`, async (t) => {
    const cwd = await makeFolder(t);
    await mkdir(path.join(cwd, 'a-folder'));
    await writeFile(path.join(cwd, file), '{"buildTag": "t"}');
    const settings = readBuildSettings({ config }, {}, cwd);
    if (message === null) {
      assert.equal((await settings).buildTag, file === CONFIG ? 't' : '');
      return;
    }
    const start = `UserError: the configuration cannot be read\n  ${config}: ${message} — `;
    await assert.rejects(settings, (error) => String(error).startsWith(start));
  });
}

test('a named configuration is read instead of the usual one', async (t) => {
  const cwd = await makeProject(t, { out: 'usual', buildTag: 't' });
  await writeFile(path.join(cwd, 'c.json'), '{"out": "named"}');
  const settings = await readBuildSettings({ config: 'c.json' }, {}, cwd);
  assert.deepEqual([settings.dir, settings.buildTag], ['named', '']);
});
