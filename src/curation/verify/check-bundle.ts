import { compare } from 'semver';
import { STRICT_VERSION } from '../../catalog/problems/strict-version.ts';
import type { Manifest } from '../../catalog/release.ts';
import { judgeBundle } from '../../mattermost/install/bundle.ts';
import type { PluginBundle } from '../bundles/read-bundle.ts';

/** The results for a bundle; each text follows its name. */
export interface CheckedBundle {
  /** What is wrong. */
  readonly failures: readonly string[];
  /** What servers accept, but people should know. */
  readonly notes: readonly string[];
}

/**
 * Finds where a bundle contradicts its entry, and what servers refuse in it.
 *
 * @param platform empty for a bundle that serves every platform
 */
export function checkBundle(
  bundle: PluginBundle,
  entry: Manifest,
  platform: string,
): CheckedBundle {
  const { manifest } = bundle;
  const minimum = compareMinimum(
    String(manifest['min_server_version'] ?? ''),
    String(entry['min_server_version'] ?? ''),
  );
  const findings = judgeBundle(bundle, { platform });
  const report = (wanted: string) =>
    findings.flatMap(({ level, message }) => (level === wanted ? [message] : []));
  return {
    failures: [
      ...(['id', 'version'] as const).flatMap((field) =>
        manifest[field] === entry[field]
          ? []
          : [tellDifference(field, manifest[field], entry[field])],
      ),
      ...(minimum?.isLower ? [minimum.message] : []),
      ...report('error'),
    ],
    notes: [
      ...(minimum?.isLower === false ? [`${minimum.message}: so fewer servers get it`] : []),
      ...report('warning'),
      ...bundle.warnings,
    ],
  };
}

/** A minimum may be raised in the catalog, for servers that turned out to be too old. Lowered, it offers what cannot start. */
function compareMinimum(bundle: string, entry: string) {
  if (bundle === entry) return null;
  const message = tellDifference('min_server_version', bundle, entry);
  const areVersions = [bundle, entry].every((one) => one === '' || STRICT_VERSION.test(one));
  const isRaised = entry !== '' && (bundle === '' || (areVersions && compare(entry, bundle) > 0));
  return { message, isLower: !isRaised };
}

function tellDifference(field: string, bundle: unknown, entry: unknown): string {
  return `has ${field} ${JSON.stringify(bundle)} where the catalog has ${JSON.stringify(entry)}`;
}
