import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import about from '../../package.json' with { type: 'json' };
import { UserError } from '../../src/lib/errors.ts';
import { explainWriteError } from '../../src/lib/files/explain-file-error.ts';
import { replaceFile } from '../../src/lib/files/replace-file.ts';
import { defineCommand } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';

const FILES = path.join(import.meta.dirname, 'files');

/** The files of the repository, and where they come from: npm packs no file of some of these names. */
const REPOSITORY: Readonly<Record<string, string>> = {
  'README.md': 'README.md',
  'plugins.json': 'plugins.json',
  'marketplace.config.json': 'marketplace.config.json',
  '.gitignore': 'gitignore',
  '.gitlab-ci.yml': 'gitlab.yml',
  '.github/workflows/marketplace.yml': 'github.yml',
};

/** The files of a container image, in `image/`. */
const IMAGE = path.join(import.meta.dirname, '../../infra/image');
const IMAGE_FILES = [
  'Dockerfile',
  'Dockerfile.dockerignore',
  'nginx.conf',
  'compose.yaml',
  'kubernetes.yaml',
];

/** What a folder may hold before: a repository without files. */
const HARMLESS = new Set(['.git']);

export const init = defineCommand({
  call: `npx ${about.name} init`,
  summary: 'Writes a repository for a marketplace of your own into an empty folder',
  details:
    'A catalog, the settings, workflows for GitHub and GitLab that check, build and publish it, the files of a container image, and a package.json with the exact version of this package.',
  operands: '[FOLDER]',
  example: `npx ${about.name} init my-marketplace`,
  action: async ({ operands: [name = '.'] }, { cwd, print }) => {
    const folder = path.resolve(cwd, name);
    await mkdir(folder, { recursive: true }).catch((error) => {
      throw explainWriteError(error, name);
    });
    const [other] = (await readdir(folder)).filter((entry) => !HARMLESS.has(entry));
    if (other !== undefined) {
      throw new UserError(`${name} is not empty, it has ${other}: name a folder that is`);
    }
    const files = [
      ...Object.entries(REPOSITORY).map(([file, source]) => [file, path.join(FILES, source)]),
      ...IMAGE_FILES.map((file) => [path.join('image', file), path.join(IMAGE, file)]),
    ] as [string, string][];
    for (const [file, source] of files) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await replaceFile(path.join(folder, file), await readFile(source));
    }
    const manifest = { private: true, dependencies: { [about.name]: about.version } };
    await replaceFile(path.join(folder, 'package.json'), formatJson(manifest));
    print(`Wrote a marketplace into ${path.join(name, '/')}. README.md says what to do next.\n`);
  },
});
