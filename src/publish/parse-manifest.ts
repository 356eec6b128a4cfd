import { z } from 'zod';
import { UserError } from '../errors.ts';
import { parseRouter } from '../routing/parse-router.ts';
import type { Snapshot } from '../site/snapshot.ts';
import { describeIssues } from '../snapshot/describe-issues.ts';
import { parseSnapshot } from '../snapshot/parse-snapshot.ts';

/** Of steps, platforms, and the versions of a plugin. */
const MOST = 100_000;

const short = z.string().max(1000);

const versions = z.array(short).max(MOST);

/** No `z.record`: it passes over `__proto__`, which may be the id of a plugin. */
function isVersions(value: unknown): boolean {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every((own) => versions.safeParse(own).success);
}

/** What publishing reads beside the id and the files. */
const described = z.object({
  catalog: z.object({
    plugins: z.int().min(0),
    releases: z.int().min(0),
    versions: z.custom(isVersions, 'is not lists of versions by plugin'),
  }),
  published: z.object({
    steps: z.array(short).max(MOST),
    platforms: z.array(short).max(MOST),
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
