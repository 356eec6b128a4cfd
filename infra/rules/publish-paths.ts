import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import glob from 'fast-glob';
import { NOTICES_FILE } from '../../src/catalog/notices/notice.ts';
import { BUILD_SETTINGS } from '../../src/settings/build-settings.ts';
import { configFile, parseConfig } from '../../src/settings/config-file.ts';
import { LOCK_FILE } from '../../src/upstream/read-upstream.ts';

const root = path.join(import.meta.dirname, '../..');

/** Paths where other installations keep their catalogs and logos. */
const ELSEWHERE = [
  'plugins.json',
  'catalog/a.json',
  'catalogs/b/c/d.json',
  'logo.svg',
  'site/logo.png',
];

/**
 * The files that a build reads, from the root of the repository: catalog and logo as the settings here and elsewhere name them,
 * the settings, the stored upstream, what decides which packages are installed, and our code.
 */
export function buildInputs(): string[] {
  const { name } = configFile(undefined);
  const file = path.join(root, name);
  const config = existsSync(file) ? parseConfig(readFileSync(file, 'utf8'), name) : {};
  const catalog = (config['catalog'] ?? BUILD_SETTINGS.catalog.fallback) as readonly string[];
  const logo = (config['logo'] ?? '') as string;
  const code = glob.sync('{src,build}/**', { cwd: root, ignore: ['**/*.test.ts'] });
  const installed = ['package.json', 'package-lock.json', 'tsconfig.json', '.npmrc'];
  return [
    ...catalog.map(toExample),
    ...(logo === '' ? [] : [logo]),
    ...ELSEWHERE,
    ...[name, LOCK_FILE, NOTICES_FILE],
    ...installed,
    ...code,
  ];
}

/** A file that a glob matches. */
function toExample(pattern: string): string {
  return pattern
    .replace(/\*\*\/?/g, 'a/b/')
    .replace(/[*?]/g, 'c')
    .replace(/\{([^,}]*)[^}]*\}/g, '$1');
}

/** Whether GitHub counts a file among the `paths` of a trigger: the last pattern that matches decides, and `!` excludes. */
export function isInPaths(file: string, patterns: readonly string[]): boolean {
  let isIn = false;
  for (const pattern of patterns) {
    const isExcluding = pattern.startsWith('!');
    if (toExpression(isExcluding ? pattern.slice(1) : pattern).test(file)) isIn = !isExcluding;
  }
  return isIn;
}

/** `**` matches anything, `*` anything without a slash. */
function toExpression(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*)/).map((part) => {
    if (part === '**') return '.*';
    if (part === '**/') return '(?:.*/)?';
    if (part === '*') return '[^/]*';
    return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}
