import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** An import of a module: a file by its path from the root of the project, anything else by its name, such as `node:fs`. */
export interface Import {
  readonly name: string;
  /** Only types are imported, so nothing is loaded at run time. */
  readonly isType: boolean;
}

/** The modules of a project, read from disk once each. */
export interface ModuleGraph {
  /** The text of a file, empty if it does not exist. */
  textOf(file: string): string;
  importsOf(file: string): readonly Import[];
  /** The file itself and everything it loads, directly or through others: files, packages and built-in modules. */
  reachedFrom(file: string): ReadonlySet<string>;
}

/**
 * @param root the folder that paths start from
 * @param alsoNeeds the files that a file needs though it does not import them
 */
export function makeModuleGraph(
  root: string,
  alsoNeeds: (file: string, text: string) => readonly string[] = () => [],
): ModuleGraph {
  const textOf = cached((file) => {
    const absolute = path.join(root, file);
    return existsSync(absolute) ? readFileSync(absolute, 'utf8') : '';
  });
  const importsOf = cached((file) =>
    parseImports(textOf(file)).map(({ name, isType }) => {
      if (!name.startsWith('.')) return { name, isType };
      return { name: path.posix.join(path.posix.dirname(file), name), isType };
    }),
  );
  const neededBy = cached((file) => {
    if (!file.endsWith('.ts')) return [];
    const loaded = importsOf(file).filter(({ isType }) => !isType);
    return [...loaded.map(({ name }) => name), ...alsoNeeds(file, textOf(file))];
  });
  const reachedFrom = (file: string) => {
    const reached = new Set([file]);
    // A set is iterated in the order of insertion, what is added on the way included.
    for (const name of reached) for (const needed of neededBy(name)) reached.add(needed);
    return reached;
  };
  return { textOf, importsOf, reachedFrom };
}

const IMPORT =
  /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|\b(?:require|resolve)\('([^'./][^']*)'\)/gm;

/** The imports of a text in TypeScript as they are written: names of files are relative to the file. */
export function parseImports(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, ...names]) => ({
    name: names.find(Boolean) ?? '',
    isType: type !== undefined,
  }));
}

function cached<Value>(compute: (file: string) => Value): (file: string) => Value {
  const known = new Map<string, Value>();
  return (file) => {
    const value = known.get(file) ?? compute(file);
    known.set(file, value);
    return value;
  };
}
