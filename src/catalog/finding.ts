/** A place in a JSON document: the keys and indexes that lead to it. */
export type JsonPath = readonly (string | number)[];

/** Something wrong in a JSON document, before it is known in which line of which file. */
export interface Finding {
  readonly path: JsonPath;
  readonly message: string;
  readonly remedy: string;
  /** What `path` leads to; absent where that says nothing. */
  readonly found?: unknown;
  /** The key itself is wrong, not what it holds. */
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
