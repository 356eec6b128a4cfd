import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Snapshot } from '../site/snapshot.ts';
import { parseSnapshot } from '../snapshot/parse-snapshot.ts';

/** What publishing reads beside the id and the files. */
const described = z.object({
  catalog: z.object({
    plugins: z.int().min(0),
    releases: z.int().min(0),
    versions: z.record(z.string(), z.array(z.string())),
  }),
  published: z.object({
    steps: z.array(z.string()),
    platforms: z.array(z.string()),
    search: z.boolean(),
  }),
});

/**
 * Reads the text of a `snapshot.json`, local or out of the bucket; `label` is how messages call it.
 *
 * @throws {UserError} with what is wrong with it
 */
export function parseManifest(text: string, label: string): Snapshot {
  const snapshot = parseSnapshot(text, label);
  const checked = described.safeParse(snapshot);
  if (checked.success) return snapshot as Snapshot;
  throw new UserError(
    `${label} is not the manifest of a build: run npm run build first`,
    checked.error.issues.map((issue) => ({
      level: 'error',
      file: label,
      path: issue.path.join('.'),
      message: issue.message.charAt(0).toLowerCase() + issue.message.slice(1),
    })),
  );
}
