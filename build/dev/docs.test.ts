import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import glob from 'fast-glob';
import packageJson from '../../package.json' with { type: 'json' };
import { readFilter } from '../../src/router/request/parse-filter.ts';
import { ROOMS } from './rooms.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** The settings of Mattermost servers that pages may name. */
const SERVER_SETTINGS = [
  'PluginSettings.Directory',
  'PluginSettings.Enable',
  'PluginSettings.EnableRemoteMarketplace',
  'PluginSettings.EnableUploads',
  'PluginSettings.MarketplaceURL',
  'PluginSettings.RequirePluginSignature',
  'PluginSettings.SignaturePublicKeyFiles',
  'PluginSettings.AllowInsecureDownloadURL',
  'ServiceSettings.AllowedUntrustedInternalConnections',
  'ServiceSettings.EnableInsecureOutgoingConnections',
];

/** Folders of the repository, by which a path in a page is known to be one. */
const FOLDERS = ['src', 'build', 'test', 'infra', 'docs', '.ci', '.github'];

/** The pages that a newcomer reads in five minutes. */
const MOST_README_WORDS = 1500;

const pages = await glob(['*.md', 'docs/*.md', 'build/**/*.md', '.github/**/*.md'], {
  cwd: ROOT,
  dot: true,
  // Those of another repository, which "init" writes.
  ignore: ['build/init/files/**'],
});
const texts = new Map(
  await Promise.all(
    pages.map(async (page) => [page, await readFile(path.join(ROOT, page), 'utf8')] as const),
  ),
);
const catalogCommands = (await readdir(path.join(ROOT, 'build/catalog'), { recursive: true })).map(
  (file) => path.basename(file, '.ts'),
);
const modules = await glob('{src,build,test,infra}/**/*.ts', { cwd: ROOT });
const moduleNames = new Set(modules.map((file) => path.basename(file)));

const withoutBlocks = (text: string) => text.replace(/^```.*?^```$/gms, '');

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Links that lead nowhere. */
function brokenLinks(page: string, text: string): string[] {
  const links = [...withoutBlocks(text).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)/g)];
  return links.flatMap(([link, file = '', anchor]) => {
    const target = file === '' ? page : path.join(path.dirname(page), file);
    if (!existsSync(path.join(ROOT, target))) return [link];
    const content = target === page ? text : (texts.get(target) ?? '');
    return anchor === undefined || anchorsOf(content).includes(anchor) ? [] : [link];
  });
}

/** Commands that `package.json` does not have, or `npm run catalog` does not. */
function unknownCommands(text: string): string[] {
  const commands = [...text.matchAll(/\bnpm run (?:-s |--silent )?([a-z]+)(?: -- ([a-z]+))?/g)];
  return commands.flatMap(([command, script = '', subcommand]) => {
    const isKnown =
      Object.hasOwn(packageJson.scripts, script) &&
      (script !== 'catalog' || subcommand === undefined || catalogCommands.includes(subcommand));
    return isKnown ? [] : [command];
  });
}

/** Paths of this repository that are not there, and modules without a path that no folder has. */
function missingPaths(text: string): string[] {
  const modules = [...text.matchAll(/`([\w.-]+\.ts)`/g)].map(([, name = '']) => name);
  const unknown = modules.filter((name) => !moduleNames.has(name));
  const named = [...text.matchAll(/(?<![\w./@-])((?:\.?[\w-]+)\/[\w./*-]*[\w*/])/g)];
  const missing = named.flatMap(([, name = '']) => {
    if (!FOLDERS.includes(name.split('/')[0] ?? '')) return [];
    const isThere = name.includes('*')
      ? glob.sync(name, { cwd: ROOT }).length > 0
      : existsSync(path.join(ROOT, name));
    return isThere ? [] : [name];
  });
  return [...unknown, ...missing];
}

/** Names of settings of Mattermost servers that those do not have. */
function unknownServerSettings(text: string): string[] {
  const named = [...text.matchAll(/(?:Plugin|Service)Settings\.\w+/g)].map(([name]) => name);
  return named.filter((name) => !SERVER_SETTINGS.includes(name));
}

/** Pages of the contract by the names that they had outside the repository. */
function foreignFiles(text: string): string[] {
  return text.match(/\b(?:API|DESIGN|EDGE|AWS|MATTERMOST|RULES|STYLE)\.md\b/g) ?? [];
}

/** Names that a page does not mention between backticks. */
function unnamed(names: Iterable<string>, text: string): string[] {
  return [...names].filter((name) => !text.includes(`\`${name}\``));
}

describe('The pages', () => {
  for (const [page, text] of texts) {
    test(`${page} leads to, and names, only what is there`, () => {
      assert.deepEqual(brokenLinks(page, text), [], 'links');
      assert.deepEqual(unknownCommands(text), [], 'commands');
      assert.deepEqual(missingPaths(text), [], 'paths');
      assert.deepEqual(unknownServerSettings(text), [], 'settings of Mattermost servers');
      assert.deepEqual(foreignFiles(text), [], 'files that are not in the repository');
    });
  }

  test('code, comments and tests cite only pages that are there', async () => {
    const files = modules.filter((file) => !file.startsWith('build/dev/'));
    const cited = await Promise.all(
      [...files, 'infra/template.yaml', 'marketplace.config.json'].map(async (file) => {
        const text = await readFile(path.join(ROOT, file), 'utf8');
        const named = text.match(/\bdocs\/[\w-]+\.md\b/g) ?? [];
        const missing = [...foreignFiles(text), ...named.filter((name) => !texts.has(name))];
        return missing.map((name) => `${file}: ${name}`);
      }),
    );
    assert.deepEqual(cited.flat(), []);
  });

  test('the README leads to every page of docs/', () => {
    const links = [...(texts.get('README.md') ?? '').matchAll(/\]\((docs\/[\w-]+\.md)/g)];
    const linked = new Set(links.map(([, file]) => file));
    const all = pages.filter((page) => page.startsWith('docs/'));
    assert.deepEqual(
      all.filter((page) => !linked.has(page)),
      [],
    );
  });

  test(`the README has at most ${MOST_README_WORDS} words`, () => {
    const words = (texts.get('README.md') ?? '').split(/\s+/).length;
    assert.ok(words <= MOST_README_WORDS, `${words} words: move some of them to docs/`);
  });

  test('docs/development.md has every room', () => {
    const rooms = Object.keys(ROOMS).filter((room) => !room.includes('/'));
    const named = rooms.map((room) => `src/${room}`);
    assert.deepEqual(unnamed(named, texts.get('docs/development.md') ?? ''), []);
  });

  test('docs/api.md has every parameter that the router reads', () => {
    const read = new Set<string>();
    const parameters = new Proxy<Record<string, string>>(
      {},
      { get: (_, key) => read.add(String(key).replace('?', '')) && '' },
    );
    readFilter(parameters);
    assert.ok(read.has('server_version'));
    assert.deepEqual(unnamed(read, texts.get('docs/api.md') ?? ''), []);
  });
});

// Shows that each check can fail: what, a text, what is found in it.
const FAULTS: readonly [string, (text: string) => string[], string, string[]][] = [
  [
    'links',
    (text) => brokenLinks('docs/api.md', text),
    '# A b\n[1](#a-b) [2](aws.md#deploy) [3](#c) [4](none.md) [5](aws.md#none) [6](../README.md)',
    ['](#c)', '](none.md)', '](aws.md#none)'],
  ],
  [
    'commands',
    unknownCommands,
    'npm run build, npm run bild, npm run catalog -- add, npm run catalog -- ad, npm run -s serve',
    ['npm run bild', 'npm run catalog -- ad'],
  ],
  [
    'paths',
    missingPaths,
    '`src/query/`, `src/none/`, `test/**/*.ts`, `src/**/*.none`, https://a/src/none, server/src/none, .ci/run, `route.ts`, `rout.ts`',
    ['rout.ts', 'src/none/', 'src/**/*.none'],
  ],
  [
    'settings',
    unknownServerSettings,
    'PluginSettings.Enable, PluginSettings.Enabled',
    ['PluginSettings.Enabled'],
  ],
  ['files', foreignFiles, 'docs/api.md, API.md, STYLE.md', ['API.md', 'STYLE.md']],
  ['names', (text) => unnamed(['page', 'per_page'], text), '`page`, per_page', ['per_page']],
];

describe('A fault in a page is found', () => {
  for (const [what, find, text, expected] of FAULTS) {
    test(what, () => assert.deepEqual(find(text), expected));
  }
});
