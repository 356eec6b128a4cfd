import { z } from 'zod';
import { entrySchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of a whole catalog, for editors that complete and check `plugins.json` as it is written. */
export function buildJsonSchema(): Record<string, unknown> {
  const catalog = z.array(entrySchema).meta({
    title: 'Plugin catalog',
    description: 'The releases that the marketplace offers, in any order.',
  });
  // `input`: what people may write, not what it becomes; so no field with a default is required.
  return { ...z.toJSONSchema(catalog, { target: 'draft-2020-12', io: 'input' }) };
}

/** The text of `plugins.schema.json`: two spaces, short lists on one line as the formatter has them, a final newline. */
export function renderJsonSchema(): string {
  const text = JSON.stringify(buildJsonSchema(), null, 2);
  // A bracket beside a line break is never inside a string, so only lists of plain values are joined.
  const joined = text.replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, (_, items: string) => {
    return `[${items.replace(/\n\s+/g, ' ')}]`;
  });
  return `${joined}\n`;
}
