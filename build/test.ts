import { spawnSync } from 'node:child_process';
import glob from 'fast-glob';

// The project's tests, or those in the files named. `node --test` without files finds none and passes on Node 20, so they are named here.
const named = process.argv.slice(2);
const files = (await glob(named.length > 0 ? named : ['{src,build,infra}/**/*.test.ts'])).sort();
if (files.length === 0) {
  process.stderr.write('error: no test file found\n');
  process.exit(1);
}
const result = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', ...files],
  { stdio: 'inherit' },
);
process.exit(result.status ?? 1);
