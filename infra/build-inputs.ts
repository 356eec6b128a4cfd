import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import glob from 'fast-glob';
import { BUILD_SETTINGS } from '../src/settings/build-settings.ts';
import { configFile, parseConfig } from '../src/settings/config-file.ts';
import { LOCK_FILE } from '../src/upstream/read-upstream.ts';

const root = path.join(import.meta.dirname, '..');

/** Where others keep their catalogs and their logos. */
const ELSEWHERE = [
  'plugins.json',
  'catalog/a.json',
  'catalogs/b/c/d.json',
  'logo.svg',
  'site/logo.png',
];

/**
 * The files that a build reads, from the top of the repository: the catalog and the logo of the settings here, and as they are
 * set elsewhere, the settings themselves, the upstream that is kept, what is installed, and our code.
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
    ...[name, LOCK_FILE],
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
