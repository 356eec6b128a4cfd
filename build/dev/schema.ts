import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { renderJsonSchema } from '../../src/catalog/json-schema.ts';
import { runCommand } from '../cli/cli.ts';
import { print } from '../cli/print.ts';

const HELP = `
Writes src/catalog/plugins.schema.json, the JSON Schema that editors check plugins.json with.
Run it after a change of src/catalog/schema.ts; a test fails while the file is out of date.

Usage: npm run schema

Options:
  -h, --help  show this

Example, for VS Code (.vscode/settings.json):
  "json.schemas": [{ "fileMatch": ["plugins.json"], "url": "./src/catalog/plugins.schema.json" }]
`;

const FILE = fileURLToPath(new URL('../../src/catalog/plugins.schema.json', import.meta.url));

await runCommand(HELP, async (args) => {
  parseArgs({ args, options: {} });
  await writeFile(FILE, renderJsonSchema());
  print(`${relative(process.cwd(), FILE)}\n`);
});
