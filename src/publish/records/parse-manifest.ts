import { z } from 'zod';
import { UserError } from '../../lib/errors.ts';
import { describeIssues } from '../../lib/json/describe-issues.ts';
import type { Snapshot } from '../../site/write/snapshot.ts';
import { parseSnapshot } from '../../snapshot/parse-snapshot.ts';
import { parseRouter } from '../../snapshot/table/parse-router.ts';

/** Of steps, platforms, and the versions of a plugin. */
const MOST = 100_000;

const short = z.string().max(1000);

const listOfTexts = z.array(short).max(MOST);

/** Lists by plugin id, also by `__proto__`, which a plugin may be called and `z.record` passes over. */
const byPlugin = z
  .custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'is not an object',
    abort: true,
  })
  .superRefine((lists, context) => {
    for (const [id, list] of Object.entries(lists)) {
      if (listOfTexts.safeParse(list).success) continue;
      context.addIssue({
        code: 'custom',
        path: [id],
        message: 'is not a list of versions',
        input: list,
      });
    }
  });

/** What publishing reads beside the id and the files. */
const described = z.object({
  catalog: z.object({
    plugins: z.int().min(0),
    releases: z.int().min(0),
    versions: byPlugin,
  }),
  published: z.object({
    steps: listOfTexts,
    platforms: listOfTexts,
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
  const checked = described.safeParse(snapshot, { reportInput: true });
  if (checked.success) return { ...(snapshot as Snapshot), router: parseRouter(snapshot, label) };
  throw new UserError(
    `${label} is not the manifest of a build: run npm run build first`,
    describeIssues(checked.error, label),
  );
}
