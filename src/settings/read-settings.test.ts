import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError, UserError } from '../lib/errors.ts';
import { BUILD_FLAGS, type BuildSettings } from './build-settings.ts';
import { configFile, parseConfig } from './config-file.ts';
import { PUBLISH_FLAGS } from './publish-settings.ts';
import {
  type FlagValues,
  readBuildSettings,
  readPublishSettings,
  readServeSettings,
} from './read-settings.ts';
import { SERVE_FLAGS } from './serve-settings.ts';

let cwd: string;

before(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'settings-'));
  await mkdir(path.join(cwd, 'bare'));
});

after(() => rm(cwd, { recursive: true }));

const flagsOf = (args: string[]) => parseArgs({ args, options: BUILD_FLAGS }).values;

/** A setting by each of the ways in which it can be set. */
interface Ways {
  readonly args: string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly file: unknown;
  /** What comes of each. */
  readonly expected: { flag: unknown; environment: unknown; file: unknown; fallback: unknown };
}

/** All but what stands in the file only (catalog-settings.test.ts). */
const ways: { readonly [Name in Exclude<keyof BuildSettings, 'ignoreChecks'>]: Ways } = {
  catalog: {
    args: ['--catalog', 'flag.json', '--catalog', 'a/*.json,b.json'],
    environment: { MARKETPLACE_CATALOG: 'environment.json, c.json' },
    file: ['file.json', 'd,e.json'],
    expected: {
      flag: ['flag.json', 'a/*.json', 'b.json'],
      environment: ['environment.json', 'c.json'],
      file: ['file.json', 'd,e.json'],
      fallback: ['plugins.json'],
    },
  },
  upstream: {
    args: ['--upstream', 'https://flag.example.com'],
    environment: { BUILD_UPSTREAM_URL: 'http://environment.example.com:8085/path/' },
    file: 'https://file.example.com',
    expected: {
      flag: 'https://flag.example.com',
      environment: 'http://environment.example.com:8085/path/',
      file: 'https://file.example.com',
      fallback: '',
    },
  },
  upstreamReserved: {
    args: ['--upstream-reserved', 'flag.*', '--upstream-reserved', 'a,b'],
    environment: { MARKETPLACE_UPSTREAM_RESERVED: 'environment.*, c' },
    file: ['file.*', 'd'],
    expected: {
      flag: ['flag.*', 'a', 'b'],
      environment: ['environment.*', 'c'],
      file: ['file.*', 'd'],
      fallback: [],
    },
  },
  upstreamAllow: {
    args: ['--upstream-allow', 'flag.*', '--upstream-allow', 'a,b'],
    environment: { MARKETPLACE_UPSTREAM_ALLOW: 'environment.*, c' },
    file: ['file.*', 'd'],
    expected: {
      flag: ['flag.*', 'a', 'b'],
      environment: ['environment.*', 'c'],
      file: ['file.*', 'd'],
      fallback: ['*'],
    },
  },
  upstreamDeny: {
    args: ['--upstream-deny', 'flag.*', '--upstream-deny', 'a,b'],
    environment: { MARKETPLACE_UPSTREAM_DENY: 'environment.*, c' },
    file: ['file.*', 'd'],
    expected: {
      flag: ['flag.*', 'a', 'b'],
      environment: ['environment.*', 'c'],
      file: ['file.*', 'd'],
      fallback: [],
    },
  },
  dir: {
    args: ['--dir', 'flag'],
    environment: { MARKETPLACE_DIR: 'environment' },
    file: 'file',
    expected: { flag: 'flag', environment: 'environment', file: 'file', fallback: 'dist' },
  },
  pageSizes: {
    args: ['--page-sizes', '25,10,25'],
    environment: { MARKETPLACE_PAGE_SIZES: '200' },
    file: [50],
    expected: {
      flag: [10, 25, 100],
      environment: [100, 200],
      file: [50, 100],
      fallback: [10, 20, 25, 50, 100],
    },
  },
  search: {
    args: ['--search', 'off'],
    environment: { MARKETPLACE_SEARCH: 'on' },
    file: false,
    expected: { flag: false, environment: true, file: false, fallback: true },
  },
  everyPageSize: {
    args: ['--every-page-size', 'off'],
    environment: { MARKETPLACE_EVERY_PAGE_SIZE: 'on' },
    file: false,
    expected: { flag: false, environment: true, file: false, fallback: true },
  },
  maxFiles: {
    args: ['--max-files', '1'],
    environment: { MARKETPLACE_MAX_FILES: '2' },
    file: 3,
    expected: { flag: 1, environment: 2, file: 3, fallback: 20_000 },
  },
  maxBytes: {
    args: ['--max-bytes', '1'],
    environment: { MARKETPLACE_MAX_BYTES: '2' },
    file: 3,
    expected: { flag: 1, environment: 2, file: 3, fallback: 2 ** 31 },
  },
  routerBytes: {
    args: ['--router-bytes', '1'],
    environment: { MARKETPLACE_ROUTER_BYTES: '2' },
    file: 3,
    expected: { flag: 1, environment: 2, file: 3, fallback: 10_000 },
  },
  compress: {
    args: ['--compress', 'off'],
    environment: { MARKETPLACE_COMPRESS: 'gzip' },
    file: 'gzip',
    expected: { flag: 'off', environment: 'gzip', file: 'gzip', fallback: 'both' },
  },
  siteTitle: {
    args: ['--site-title', 'Flag, Inc.'],
    environment: { MARKETPLACE_SITE_TITLE: 'Environment' },
    file: 'File',
    expected: {
      flag: 'Flag, Inc.',
      environment: 'Environment',
      file: 'File',
      fallback: 'Mattermost Plugin Marketplace',
    },
  },
  introduction: {
    args: ['--introduction', 'Flag'],
    environment: { MARKETPLACE_INTRODUCTION: 'Environment' },
    file: '',
    expected: {
      flag: 'Flag',
      environment: 'Environment',
      file: '',
      fallback: 'Find a plugin for your Mattermost server, and see which version it gets.',
    },
  },
  accentColor: {
    args: ['--accent-color', '#AABBCC'],
    environment: { MARKETPLACE_ACCENT_COLOR: '#000000' },
    file: '#ffffff',
    expected: {
      flag: '#AABBCC',
      environment: '#000000',
      file: '#ffffff',
      fallback: '#1c58d9',
    },
  },
  logo: {
    args: ['--logo', 'flag.svg'],
    environment: { MARKETPLACE_LOGO: 'environment.png' },
    file: 'file.svg',
    expected: {
      flag: 'flag.svg',
      environment: 'environment.png',
      file: 'file.svg',
      fallback: '',
    },
  },
  siteUrl: {
    args: ['--site-url', 'https://flag.example.com/'],
    environment: { MARKETPLACE_SITE_URL: 'http://environment.example.com:8085/path' },
    file: 'https://file.example.com',
    expected: {
      flag: 'https://flag.example.com',
      environment: 'http://environment.example.com:8085/path',
      file: 'https://file.example.com',
      fallback: '',
    },
  },
  buildTag: {
    args: ['--build-tag', 'flag'],
    environment: { BUILD_TAG: 'environment' },
    file: 'file',
    expected: { flag: 'flag', environment: 'environment', file: 'file', fallback: '' },
  },
  buildHash: {
    args: ['--build-hash', 'flag'],
    environment: { BUILD_HASH: 'environment' },
    file: 'file',
    expected: { flag: 'flag', environment: 'environment', file: 'file', fallback: '' },
  },
};

for (const [name, { args, environment, file, expected }] of Object.entries(ways)) {
  test(`${name}: the flag wins over the environment, that over the file, that over the default`, async () => {
    const folder = path.join(cwd, name);
    const bare = path.join(cwd, 'bare');
    await mkdir(folder);
    await writeFile(path.join(folder, 'marketplace.config.json'), JSON.stringify({ [name]: file }));
    const read = async (args: string[], environment: Record<string, string>, folder: string) => {
      const {
        [name as keyof BuildSettings]: value,
        given,
        ...others
      } = await readBuildSettings(flagsOf(args), environment, folder);
      const untouched = Object.entries(ways).filter(([other]) => other !== name);
      const fallbacks = untouched.map(([other, { expected }]) => [other, expected.fallback]);
      const isLeft = args.length + Object.values(environment).join('').length === 0;
      assert.deepEqual(
        [...given],
        isLeft && folder === bare ? [] : [name],
        `given is ${name}, where somebody gave it`,
      );
      assert.deepEqual(
        others,
        { ...Object.fromEntries(fallbacks), ignoreChecks: {} },
        `${name} sets nothing else`,
      );
      return value;
    };
    assert.deepEqual(await read(args, environment, folder), expected.flag);
    assert.deepEqual(await read([], environment, folder), expected.environment);
    assert.deepEqual(await read([], {}, folder), expected.file);
    assert.deepEqual(await read([], {}, bare), expected.fallback);
    assert.deepEqual(await read(args, {}, bare), expected.flag);
    assert.deepEqual(await read([], environment, bare), expected.environment);
    const unset = Object.fromEntries(Object.keys(environment).map((key) => [key, '']));
    assert.deepEqual(await read([], unset, folder), expected.file, 'an empty variable is none');
  });
}

// What --catalog gets, the patterns that it is.
const catalogs: readonly [string, string[]][] = [
  ['a.json', ['a.json']],
  ['a.json,b.json', ['a.json', 'b.json']],
  [' a.json , b c.json ,', ['a.json', 'b c.json']],
  ['{a,b}.json', ['{a,b}.json']],
  ['{a,b}/{c,d,e}.json,f.json', ['{a,b}/{c,d,e}.json', 'f.json']],
];

for (const [text, expected] of catalogs) {
  test(`--catalog ${JSON.stringify(text)} is ${JSON.stringify(expected)}`, async () => {
    const { catalog } = await readBuildSettings(flagsOf(['--catalog', text]), {}, cwd);
    assert.deepEqual(catalog, expected);
  });
}

// Flag, text that it does not take.
const refusedFlags: readonly [string, string][] = [
  ...['0', '-3', '1.5', '1e2', 'abc', '', ' ', ',', '10,x', '10;20', '100001', '0x10'].map(
    (text): [string, string] => ['page-sizes', text],
  ),
  ...['router-bytes', 'max-files', 'max-bytes'].flatMap((flag) =>
    ['0', '-1', '1e4', 'x', '', '1.5', '9999999999999999'].map((text): [string, string] => [
      flag,
      text,
    ]),
  ),
  ...['search', 'every-page-size'].flatMap((flag) =>
    ['', 'true', 'false', 'ON', ' on', 'on,off', '1', 'yes'].map((text): [string, string] => [
      flag,
      text,
    ]),
  ),
  ...['', 'on', 'GZIP', 'gzip ', 'off,gzip', 'br'].map((text): [string, string] => [
    'compress',
    text,
  ]),
  ['catalog', ''],
  ['catalog', ', ,'],
  ['upstream-reserved', ''],
  ['upstream-reserved', 'a'.repeat(1001)],
  ['upstream-allow', `*,${'*'.repeat(1001)}`],
  ['upstream-deny', 'a*'.repeat(501)],
  ['upstream-allow', ','],
  ...[
    '',
    'example.com',
    'ftp://example.com',
    'https://',
    'https://user@example.com',
    'https://user:word@example.com',
    'https://example.com?a=b',
    'https://example.com#a',
    'file:///etc/passwd',
  ].map((text): [string, string] => ['upstream', text]),
  ['out', ''],
  ['config', ''],
];

for (const [flag, text] of refusedFlags) {
  test(`--${flag}=${JSON.stringify(text)} is wrong usage`, async () => {
    const refusal = readBuildSettings(flagsOf([`--${flag}=${text}`]), {}, cwd);
    await assert.rejects(refusal, (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, new RegExp(`^--${flag} takes .*, not `));
      const safe = JSON.stringify(text).replace(/user.*@/, '…@');
      const shown = safe.length > 80 ? `${safe.slice(0, 79)}…` : safe;
      assert.ok(error.message.endsWith(`, not ${shown}`), error.message);
      return true;
    });
  });
}

// A configuration, every problem that it has: where, and what to do.
const refusedConfigs: readonly [string, readonly [string | undefined, RegExp][]][] = [
  ['{"catalog": []}', [['catalog', /as a JSON array/]]],
  ['{"catalog": [""]}', [['catalog[0]', /files or globs/]]],
  ['{"out": ""}', [['out', /a folder/]]],
  [
    '{"pageSizes": [1, 1.5, "x"]}',
    [
      ['pageSizes[1]', /1 to 1/],
      ['pageSizes[2]', /1 to 1/],
    ],
  ],
  [
    '{"routerBytes": 0, "buildTag": 1}',
    [
      ['routerBytes', /whole/],
      ['buildTag', /git tag/],
    ],
  ],
  [
    '{"search": "on", "everyPageSize": 1}',
    [
      ['search', /^it takes true or false$/],
      ['everyPageSize', /^it takes true or false$/],
    ],
  ],
  [
    '{"maxFiles": 1.5, "maxBytes": "2147483648"}',
    [
      ['maxFiles', /whole number of files/],
      ['maxBytes', /whole number of bytes/],
    ],
  ],
  ['{"compress": true}', [['compress', /^it takes off, gzip or both$/]]],
  [
    '{"upstream": "example.com", "upstreamDeny": [""], "upstreamAllow": "*"}',
    [
      ['upstream', /web address/],
      ['upstreamAllow', /plugin ids.*as a JSON array/],
      ['upstreamDeny[0]', /plugin ids/],
    ],
  ],
  ['{"page-sizes": [1]}', [[undefined, /known settings: catalog, upstream, .*, dir, pageSizes, /]]],
  ['null', [[undefined, /known settings/]]],
];

for (const [text, expected] of refusedConfigs) {
  test(`the configuration ${text} is refused with every problem`, () => {
    assert.throws(
      () => parseConfig(text, 'c.json'),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.deepEqual(
          error.problems.map((problem) => problem.path),
          expected.map(([place]) => place),
        );
        for (const [i, [, remedy]] of expected.entries()) {
          assert.match(error.problems[i]?.remedy ?? '', remedy);
          assert.equal(error.problems[i]?.file, 'c.json');
        }
        return true;
      },
    );
  });
}

test('a command that has other defaults takes what is set before them', async () => {
  const bare = path.join(cwd, 'bare');
  const read = async (args: string[], environment: Record<string, string>) => {
    const settings = await readBuildSettings(flagsOf(args), environment, bare, {
      compress: 'gzip',
    });
    return [settings.compress, settings.dir];
  };
  assert.deepEqual(await read([], {}), ['gzip', 'dist']);
  assert.deepEqual(await read([], { MARKETPLACE_COMPRESS: 'off' }), ['off', 'dist']);
  assert.deepEqual(await read(['--compress', 'both'], {}), ['both', 'dist']);
});

test('a configuration that is named must be there, the usual one need not', async () => {
  assert.deepEqual(configFile(undefined), { name: 'marketplace.config.json', isNamed: false });
  assert.deepEqual(configFile('c.json'), { name: 'c.json', isNamed: true });
  await assert.rejects(
    readBuildSettings({ config: 'marketplace.config.json' }, {}, path.join(cwd, 'bare')),
    /^UserError: the configuration cannot be read\n {2}marketplace\.config\.json: does not exist — /,
  );
});

test('a named configuration is read instead of the usual one', async () => {
  const folder = path.join(cwd, 'both');
  await mkdir(folder);
  await writeFile(
    path.join(folder, 'marketplace.config.json'),
    '{"out": "usual", "buildTag": "t"}',
  );
  await writeFile(path.join(folder, 'c.json'), '{"out": "named"}');
  const settings = await readBuildSettings({ config: 'c.json' }, {}, folder);
  assert.deepEqual([settings.dir, settings.buildTag], ['named', '']);
});

// The spelling of one setting by each of two ways, what comes of it; a contradiction where it is undefined.
const spellings: readonly {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: object;
  readonly dir?: string;
}[] = [
  { args: ['--out', 'a'], dir: 'a' },
  { environment: { MARKETPLACE_OUT: 'b' }, dir: 'b' },
  { file: { out: 'c' }, dir: 'c' },
  { args: ['--out', 'a'], environment: { MARKETPLACE_DIR: 'b' }, file: { dir: 'c' }, dir: 'a' },
  { args: ['--dir', 'a'], environment: { MARKETPLACE_OUT: 'b' }, file: { out: 'c' }, dir: 'a' },
  { environment: { MARKETPLACE_OUT: 'b' }, file: { dir: 'c' }, dir: 'b' },
  { args: ['--dir', 'a', '--out', 'a'], dir: 'a' },
  { environment: { MARKETPLACE_OUT: 'b', MARKETPLACE_DIR: 'b' }, dir: 'b' },
  { environment: { MARKETPLACE_OUT: '', MARKETPLACE_DIR: 'b' }, dir: 'b' },
  { file: { out: 'c', dir: 'c' }, dir: 'c' },
  { args: ['--dir', 'a', '--out', 'b'] },
  { environment: { MARKETPLACE_OUT: 'b', MARKETPLACE_DIR: 'a' } },
  { file: { out: 'c', dir: 'd' } },
];

for (const [position, { args = [], environment = {}, file = {}, dir }] of spellings.entries()) {
  const told = JSON.stringify([args, environment, file]);
  test(`the folder of a build, told by ${told}, is ${dir ?? 'a contradiction'} for every command`, async () => {
    const folder = path.join(cwd, `spelling-${position}`);
    await mkdir(folder);
    const texts = { ...file, bucket: 'b', function: 'f' };
    await writeFile(path.join(folder, 'marketplace.config.json'), JSON.stringify(texts));
    const given = <Options extends ParseArgsConfig['options']>(options: Options) =>
      parseArgs({ args: [...args], options }).values as FlagValues;
    for (const read of [
      () => readBuildSettings(given(BUILD_FLAGS), environment, folder),
      () => readServeSettings(given(SERVE_FLAGS), environment, folder),
      () => readPublishSettings(given(PUBLISH_FLAGS), environment, folder),
    ]) {
      if (dir !== undefined) assert.equal((await read()).dir, dir);
      else await assert.rejects(read, /are one setting, and contradict each other: leave one out/);
    }
  });
}

// A configuration that is not JSON, what is said after the name of the file.
const notJson: readonly [string, RegExp][] = [
  ['{', /:1:2: a "}" is missing/],
  ['{"dir": "a",,}', /:1:13: /],
  ['{,}', /:1:2: /],
  ['{"catalog": [,]}', /:1:14: /],
  ['{"dir": "a" "out": "a",}', /:1:13: a comma is missing/],
  ['{\n  // where\n  "dir": dist\n}', /:3:10: an unknown word/],
  ['{\n  /* over\n  lines */ "dir" "a"\n}', /:3:18: a colon is missing/],
  ['/* not closed', /: is empty — write {} where there is nothing to set/],
  ['', /: is empty/],
  [' // nothing', /: is empty/],
];

for (const [text, expected] of notJson) {
  test(`the configuration ${JSON.stringify(text)} is no JSON, and the place is told`, () => {
    assert.throws(
      () => parseConfig(text, 'c.json'),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message, /^c\.json is not JSON\n {2}c\.json/);
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}

test('a configuration may have comments and last commas, and what looks like one in a text is none', () => {
  const text = `// settings
{
  /* the site:
     a line more */ "siteUrl": "https://a.example.com", // its address
  "introduction": "a // b /* c */ d,}",
  "catalog": [ "a.json", /* last */ ], // commas
}
// the end`;
  const siteUrl = 'https://a.example.com';
  assert.deepEqual(parseConfig(text, 'c.json'), {
    siteUrl,
    introduction: 'a // b /* c */ d,}',
    catalog: ['a.json'],
  });
});

test('a configuration may begin with a byte order mark', () => {
  assert.deepEqual(parseConfig('\uFEFF{ "dir": "a" }', 'c.json'), { dir: 'a' });
});

test('a key that appears twice in one object is told, at whatever depth', () => {
  // [text, places of what stands again]
  const cases = [
    ['{"dir": "a", "dir": "b"}', [[1, 14, 'dir']]],
    [
      '{"dir": "a", "dir": "a",\n "dir": "a"}',
      [
        [1, 14, 'dir'],
        [2, 2, 'dir'],
      ],
    ],
    [
      '{"ignoreChecks": {"a@1.0.0": ["x"], "a@1.0.0": ["y"]}}',
      [[1, 37, 'ignoreChecks["a@1.0.0"]']],
    ],
    ['{"__proto__": 1, "__proto__": 2}', [[1, 18, '__proto__']]],
    [
      '{"repositories": [{"repo": "a/b", "repo": "a/c", "author": "partner"}]}',
      [[1, 35, 'repositories[0].repo']],
    ],
  ] as const;
  for (const [text, places] of cases) {
    assert.throws(
      () => parseConfig(text, 'c.json'),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        const found = error.problems.map(({ line, column, path }) => [line, column, path]);
        assert.deepEqual(found, places, text);
        assert.match(error.message, /appears twice/);
        return true;
      },
    );
  }
  const rows =
    '{ "repositories": [{ "repo": "a/b", "author": "partner" }, { "repo": "a/c", "author": "partner" }] }';
  assert.equal((parseConfig(rows, 'c.json')['repositories'] as unknown[]).length, 2);
});

test('what a setting cannot take is told with line and column, after comments too', () => {
  const text = '{\n  // the pages\n  "pageSizes": [10, /* no */ 0],\n  "nope": 1\n}';
  assert.throws(
    () => parseConfig(text, 'c.json'),
    (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.deepEqual(
        error.problems.map(({ line, column, path }) => [line, column, path]),
        [
          [3, 30, 'pageSizes[1]'],
          [1, 1, undefined],
        ],
      );
      return true;
    },
  );
});
