import { fillDefaults } from '../catalog/fill-defaults.ts';
import { checkEntry, findOtherSpellings } from '../catalog/problems/check-entry.ts';
import type { Release } from '../catalog/release.ts';
import { type Entry, MOST_ICON_LENGTH } from '../catalog/schema.ts';
import { formatProblem, type Problem } from '../lib/errors.ts';
import { findUnkeepable } from '../lib/json/find-unkeepable.ts';
import {
  type Finding,
  formatLocation,
  formatPath,
  type JsonPath,
  showValue,
  valueAt,
} from '../lib/json/finding.ts';
import { hasUserInfo } from '../lib/json/user-info.ts';
import { decodeGo, type GoType } from '../mattermost/answers/go-decoder.ts';
import { findUndecodable } from '../mattermost/answers/undecodable.ts';

export interface TakeEntriesOptions {
  /** How warnings name where the entries come from. */
  readonly from: string;
  /** Whether to warn about a plugin, by its id. Default: about each. */
  readonly isReported?: (id: string) => boolean;
}

export interface TakenEntries {
  readonly releases: readonly Release[];
  /** One for each entry that breaks a rule of our catalogs: whether it is passed on all the same, or left out. */
  readonly warnings: readonly Problem[];
}

/**
 * The entries of somebody else's catalog, as far as they are of use: one that breaks our rules must not take away the others.
 * What servers decode and the build can order and render is passed on; the rest is left out.
 */
export function takeEntries(
  entries: readonly unknown[],
  { from, isReported = () => true }: TakeEntriesOptions,
): TakenEntries {
  const releases: Release[] = [];
  const warnings = new Map<string, Problem>();
  entries.forEach((entry, i) => {
    const { release, findings } = takeEntry(entry);
    if (release) releases.push(release);
    if (findings.length === 0) return;
    const { id, version } = readName(entry);
    if (id !== '' && !isReported(id)) return;
    const name = id === '' ? `[${i}]` : `${id}@${version}`;
    const warning = toWarning(findings, name, from, release !== undefined);
    warnings.set(formatProblem(warning), warning);
  });
  return { releases, warnings: [...warnings.values()] };
}

/** An entry as a release, and what is wrong with it; without a release where that cannot be passed on. */
function takeEntry(entry: unknown): { release?: Release; findings: readonly Finding[] } {
  const unkeepable = findUnkeepable(entry);
  const tooDeep = unkeepable.filter((finding) => !('found' in finding));
  if (tooDeep.length > 0) return { findings: tooDeep };
  const findings = [...checkEntry(entry), ...unkeepable];
  if (findings.length === 0) return { release: fillDefaults(entry as Entry), findings };
  const mended = mend(entry);
  const fatal = checkEntry(mended).filter((finding) => !isHarmless(finding, mended));
  return fatal.length > 0
    ? { findings: fatal }
    : { release: fillDefaults(mended as Entry), findings: findings.toSorted(misspeltFirst) };
}

/** A key in another spelling explains why the field of its name is missing. */
function misspeltFirst(a: Finding, b: Finding): number {
  return Number(b.atKey ?? false) - Number(a.atKey ?? false);
}

/** Fields that only the catalog knows; servers ignore them. */
const UNREAD = ['platforms', 'updated_at', 'repo_name'];

/**
 * A copy that means the same to servers: keys have the names as which Go reads them, a null label is an empty one, and what
 * servers do not read is left out if it is wrong (a platform's bundle as a whole), as is an icon that is too large.
 */
function mend(entry: unknown): unknown {
  const copy: unknown = structuredClone(entry);
  // The innermost first: their paths go through keys that are still to be renamed.
  const spellings = findOtherSpellings(copy).toSorted((a, b) => b.path.length - a.path.length);
  for (const { path, field } of spellings) {
    const parent = parentOf(copy, path);
    // Which of two spellings counts depends on their order, so both stay, and the entry is left out.
    if (parent === undefined || Object.hasOwn(parent, field)) continue;
    parent[field] = parent[path.at(-1) as string];
    delete parent[path.at(-1) as string];
  }
  for (const { path } of checkEntry(copy)) {
    const [field] = path;
    if (field === 'labels' && path.length === 2 && valueAt(copy, path) === null) {
      const labels = valueAt(copy, ['labels']) as unknown[];
      labels[path[1] as number] = { name: '' };
    } else if (field === 'icon_data' && isTooLarge(valueAt(copy, path))) {
      delete parentOf(copy, path)?.['icon_data'];
    } else if (UNREAD.includes(String(field))) {
      const wrong = path.slice(0, 2);
      delete parentOf(copy, wrong)?.[wrong.at(-1) as string];
    }
  }
  return copy;
}

function isTooLarge(icon: unknown): boolean {
  return typeof icon === 'string' && icon.length > MOST_ICON_LENGTH;
}

function parentOf(value: unknown, path: JsonPath): Record<string, unknown> | undefined {
  const parent = valueAt(value, path.slice(0, -1));
  return typeof parent === 'object' && parent !== null
    ? (parent as Record<string, unknown>)
    : undefined;
}

/** The fields by which a build orders releases and names files. */
const NEEDED = ['.manifest.id', '.manifest.version', '.manifest.min_server_version'];

/** Whether it breaks only our rules, such as a text that is not a web address. A password must not be published. */
function isHarmless({ path, found, atKey }: Finding, entry: unknown): boolean {
  const location = formatPath(path);
  const { wrongTypes } = findUndecodable(entry);
  if (
    atKey ||
    NEEDED.includes(location) ||
    wrongTypes.some((wrong) => formatPath(wrong.path) === location) ||
    hasUserInfo(String(found))
  )
    return false;
  return typeof found === 'string' || /^\.labels\[\d+\]\.name$/.test(location);
}

function toWarning(
  findings: readonly Finding[],
  name: string,
  from: string,
  isPassedOn: boolean,
): Problem {
  const [{ path, message, ...finding }] = findings as [Finding];
  const more =
    findings.length > 1
      ? `, and ${findings.length - 1} more ${findings.length > 2 ? 'are' : 'is'} wrong with it`
      : '';
  const location = formatLocation(path);
  return {
    level: 'warning',
    file: from,
    path: location === '' ? name : `${name} ${location}`,
    ...('found' in finding ? { found: showValue(finding.found) } : {}),
    message: `${message}${more}: ${isPassedOn ? 'passed on, for servers can read it' : 'left out'}`,
    remedy: 'report it to the operator of the marketplace',
  };
}

const NAMED: GoType = {
  kind: 'struct',
  fields: {
    manifest: { kind: 'struct', fields: { id: { kind: 'string' }, version: { kind: 'string' } } },
  },
};

/** The id and version that a server reads, whatever the case of the keys; empty if absent. */
function readName(entry: unknown): { readonly id: string; readonly version: string } {
  const { value } = decodeGo(NAMED, entry) as {
    value: { manifest: { id: string; version: string } };
  };
  return value.manifest;
}
