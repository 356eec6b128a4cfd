import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderJsonSchema } from '../../src/catalog/json-schema.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';

const FILE = path.join(import.meta.dirname, '../../src/catalog/plugins.schema.json');

const schema = defineCommand({
  call: 'npm run schema',
  summary: 'Writes the JSON Schema that editors check plugins.json with',
  details:
    'Run it after a change of src/catalog/schema.ts: a test fails while src/catalog/plugins.schema.json is out of date. For VS Code, add to .vscode/settings.json:\n"json.schemas": [{ "fileMatch": ["plugins.json"], "url": "./src/catalog/plugins.schema.json" }]',
  example: 'npm run schema',
  action: async (_, { cwd, print }) => {
    await writeFile(FILE, renderJsonSchema());
    print(`${path.relative(cwd, FILE)}\n`);
  },
});

await runProgram(import.meta.url, schema);
