import { parse } from 'yaml';
import type { Manifest } from '../../catalog/release.ts';
import { findUnkeepable } from '../../lib/json/find-unkeepable.ts';
import { formatLocation } from '../../lib/json/finding.ts';
import { firstValue } from '../../mattermost/answers/first-value.ts';
import { ArchiveError } from './archive-error.ts';

/** Aliases make a short text long. */
const MAX_ALIASES = 100;

/**
 * Reads a manifest, JSON or YAML by its name. Checks only that it names a plugin and a version; the rules of
 * the catalog come later.
 *
 * @throws {ArchiveError} if it is neither, or names neither
 */
export function parseManifest(bytes: Buffer, name: string): Manifest {
  const manifest = toJson(bytes.toString('utf8'), name);
  const isObject = typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest);
  if (!isObject) throw new ArchiveError(`has a ${name} that is not an object`);
  for (const field of ['id', 'version']) {
    const value = (manifest as Record<string, unknown>)[field];
    if (typeof value !== 'string' || value === '') {
      throw new ArchiveError(`has a ${name} without "${field}"`);
    }
  }
  const [unkeepable] = findUnkeepable(manifest);
  if (unkeepable) {
    const { path, message } = unkeepable;
    const location = formatLocation(path.slice(0, MOST_STEPS));
    throw new ArchiveError(`has a ${name} whose ${location} ${message}`);
  }
  return manifest as Manifest;
}

/** Steps shown of the path to an error. */
const MOST_STEPS = 5;

function toJson(text: string, name: string): unknown {
  try {
    if (name.endsWith('.json')) return parseJson(text);
    // Values that YAML has and JSON lacks, such as .nan, are written as JSON would.
    return JSON.parse(
      JSON.stringify(parse(text.replace(/^\uFEFF/, ''), { maxAliasCount: MAX_ALIASES }) ?? null),
    );
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    const [reason] = (error as Error).message.split('\n');
    throw new ArchiveError(`has a ${name} that cannot be read: ${reason}`);
  }
}

function parseJson(text: string): unknown {
  if (text.startsWith('\uFEFF')) {
    throw new ArchiveError(
      'has a plugin.json that begins with a byte order mark, and no server reads that: write it without one',
    );
  }
  return JSON.parse(firstValue(text));
}
