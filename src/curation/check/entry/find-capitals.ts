import { type PlacedRelease, problemAt } from '../../../catalog/placed-release.ts';
import type { Problem } from '../../../lib/errors.ts';
import { foldId } from '../../../mattermost/install/manifest-rules.ts';

/** A plugin whose id has capitals: servers write ids in lower case when they install, and compare them as they are in a list. */
export function findCapitals([first]: readonly PlacedRelease[]): Problem[] {
  if (first === undefined) return [];
  const { id } = first.release.manifest;
  const installed = foldId(id);
  if (id === installed) return [];
  return [
    problemAt(first, ['manifest', 'id'], {
      level: 'warning',
      check: 'capital-id',
      message: `has capitals: a server installs it as ${JSON.stringify(installed)}, and goes on listing it as not installed`,
      remedy: 'write the id in lower case, here and in the bundle',
    }),
  ];
}
