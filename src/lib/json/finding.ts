import { hideUserInfo } from './user-info.ts';

/** A location in a JSON document: the keys and indexes that lead to it. */
export type JsonPath = readonly (string | number)[];

/** Something wrong in a JSON document, before it is known in which line of which file. */
export interface Finding {
  readonly path: JsonPath;
  readonly message: string;
  readonly remedy: string;
  /** The value at `path`; absent if it does not help. */
  readonly found?: unknown;
  /** The key itself is wrong, not its value. */
  readonly atKey?: true;
}

/** A path as people read it: `[12].manifest.version`, `[0].platforms["Linux AMD"]`. */
export function formatPath(path: JsonPath): string {
  return path
    .map((step) => {
      if (typeof step === 'number') {
        return `[${step}]`;
      }
      return /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('');
}

/** A path in a document that is an object: `manifest.version`, `files[3].path`. */
export function formatLocation(path: JsonPath): string {
  return formatPath(path).replace(/^\./, '');
}

/** The value at a path; `undefined`, which JSON does not have, if there is none. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) {
      return undefined;
    }
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

const MAX_LENGTH = 80;

/** The JSON of a value as far as it fits into a line that people read, without passwords. */
export function cutToLine(json: string): string {
  const shown = hideUserInfo(json);
  if (shown.length <= MAX_LENGTH) return shown;
  // Never cut a pair of surrogates in half.
  return `${shown.slice(0, MAX_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A value for a line that people read: its JSON as far as it fits, without passwords. */
export function showValue(value: unknown): string {
  try {
    return cutToLine(JSON.stringify(value) ?? 'nothing');
  } catch {
    return 'what nests too deeply';
  }
}
