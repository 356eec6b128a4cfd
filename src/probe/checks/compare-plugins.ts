import { isDeepStrictEqual } from 'node:util';
import { compare, valid } from 'semver';
import { showValue } from '../../lib/json/finding.ts';
import type { Fault } from '../findings.ts';

/** An element of an answer or of a catalog: what it has beside its id and version may be anything. */
export type Plugin = Readonly<Record<string, unknown>> & {
  readonly manifest: Readonly<Record<string, unknown>> & {
    readonly id: string;
    readonly version: string;
  };
};

export interface ComparePluginsOptions {
  /** Whether every field counts, or only those that servers go by: others render the rest in their own way. */
  readonly isOurs: boolean;
  /** What is compared with, for messages, such as `the catalog`. */
  readonly source: string;
}

/** What servers and people go by. A label counts by its name: its other texts are the marketplace's own. */
const FIELDS: readonly string[] = [
  ...['homepage_url', 'icon_data', 'download_url', 'release_notes_url', 'signature'],
  ...['hosting', 'author_type', 'release_stage', 'enterprise', 'labels', 'manifest'],
];
const MANIFEST_FIELDS: readonly string[] = [
  ...['id', 'version', 'name', 'description', 'min_server_version'],
];

/** The fields whose difference has a check of its own. */
const CHECKS: Readonly<Record<string, string>> = {
  labels: 'other-labels',
  signature: 'other-signature',
  download_url: 'other-bundle',
  platforms: 'other-bundle',
};

/** Differences between two lists of plugins. */
export function comparePlugins(
  found: readonly Plugin[],
  expected: readonly Plugin[],
  options: ComparePluginsOptions,
): Fault[] {
  const [ours, theirs] = [byId(found), byId(expected)];
  const ids = new Set([...theirs.keys(), ...ours.keys()]);
  const faults = [...ids].flatMap((id) =>
    comparePlugin(id, ours.get(id) ?? [], theirs.get(id) ?? [], options),
  );
  if (faults.length > 0 || !options.isOurs) return faults;
  const isInOrder = isDeepStrictEqual(found.map(nameOf), expected.map(nameOf));
  const message = `has its plugins in another order than ${options.source}`;
  return isInOrder ? [] : [{ check: 'order', message }];
}

/** Whether a value is a list of plugins. */
export function isPluginList(value: unknown): value is Plugin[] {
  return (
    Array.isArray(value) &&
    value.every((each) => {
      const { id, version } = Object(Object(each).manifest);
      return typeof id === 'string' && typeof version === 'string';
    })
  );
}

function comparePlugin(
  id: string,
  found: readonly Plugin[],
  expected: readonly Plugin[],
  options: ComparePluginsOptions,
): Fault[] {
  const { source } = options;
  const [one, other] = [found[0], expected[0]];
  if (found.length === 1 && expected.length === 1 && one && other && nameOf(one) !== nameOf(other))
    return [otherVersion(id, one, other, source)];
  const faults: Fault[] = [];
  const left = [...found];
  for (const plugin of expected) {
    const at = left.findIndex((each) => nameOf(each) === nameOf(plugin));
    const [same] = at < 0 ? [] : left.splice(at, 1);
    if (same === undefined) {
      const message = `${nameOf(plugin)} is missing: ${source} has it`;
      faults.push({ check: 'missing-plugin', message });
    } else {
      const difference = findDifference(same, plugin, options);
      if (difference) faults.push(difference);
    }
  }
  const extra = left.map((plugin) => {
    const message = `${nameOf(plugin)} is not in ${source}`;
    return { check: 'extra-plugin', message };
  });
  return [...faults, ...extra];
}

function otherVersion(id: string, found: Plugin, expected: Plugin, source: string): Fault {
  const [a, b] = [found.manifest.version, expected.manifest.version];
  const areVersions = valid(a) !== null && valid(b) !== null;
  const how = !areVersions ? 'another' : compare(a, b) > 0 ? 'a higher' : 'a lower';
  return {
    check: 'other-version',
    message: `${id} has ${how} version, ${showValue(a)}, than in ${source}, ${showValue(b)}`,
  };
}

function findDifference(
  found: Plugin,
  expected: Plugin,
  { isOurs, source }: ComparePluginsOptions,
): Fault | null {
  const fields = isOurs
    ? [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    : FIELDS.filter((field) => field in expected || field in found);
  for (const field of fields) {
    const [a, b] = [found, expected].map((plugin) => view(plugin, field, isOurs));
    if (isDeepStrictEqual(a, b)) continue;
    const message = `${nameOf(found)} has other ${field} than in ${source}: ${showDifference(a, b)}`;
    return { check: CHECKS[field] ?? 'other-field', message };
  }
  return null;
}

function view(plugin: Plugin, field: string, isOurs: boolean): unknown {
  const value = plugin[field];
  if (isOurs) return value;
  if (field === 'labels') return labelNames(value);
  if (field !== 'manifest') return value ?? '';
  const manifest = Object(value) as Record<string, unknown>;
  return Object.fromEntries(MANIFEST_FIELDS.map((name) => [name, manifest[name] ?? '']));
}

function labelNames(value: unknown): unknown {
  return Array.isArray(value) ? value.map((label) => Object(label).name) : [];
}

/** The first field in which two values differ, with both. */
function showDifference(found: unknown, expected: unknown): string {
  const [a, b] = [Object(found), Object(expected)] as Record<string, unknown>[];
  const isObject = [found, expected].every((each) => typeof each === 'object' && each !== null);
  if (!isObject || a === undefined || b === undefined) {
    return `${showValue(found)}, expected ${showValue(expected)}`;
  }
  const keys = [...new Set([...Object.keys(b), ...Object.keys(a)])];
  const key = keys.find((each) => !isDeepStrictEqual(a[each], b[each])) ?? '';
  return `${key} is ${showValue(a[key])}, expected ${showValue(b[key])}`;
}

function byId(plugins: readonly Plugin[]): Map<string, Plugin[]> {
  const groups = new Map<string, Plugin[]>();
  for (const plugin of plugins) {
    const { id } = plugin.manifest;
    const group = groups.get(id) ?? [];
    group.push(plugin);
    groups.set(id, group);
  }
  return groups;
}

function nameOf({ manifest }: Plugin): string {
  return `${manifest.id}@${manifest.version}`;
}
