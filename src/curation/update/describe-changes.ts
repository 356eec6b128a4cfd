/** How much of a value a line shows, in characters. */
const SHOWN_LENGTH = 60;

/** Objects whose fields are compared one by one. */
const NESTED: readonly string[] = ['manifest', 'platforms'];

/** What two entries say differently, each field in a line: `manifest.name "A" -> "B"`. */
export function describeChanges(old: object, changed: object): string[] {
  return compare(old, changed, '');
}

function compare(old: object, changed: object, prefix: string): string[] {
  const before = new Map<string, unknown>(Object.entries(old));
  const after = new Map<string, unknown>(Object.entries(changed));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (prefix === '' && NESTED.includes(name) && isObject(was) && isObject(is)) {
      return compare(was, is, `${name}.`);
    }
    return [`${prefix}${name} ${show(was)} -> ${show(is)}`];
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const [...characters] = JSON.stringify(value);
  return characters.length <= SHOWN_LENGTH
    ? characters.join('')
    : `${characters.slice(0, SHOWN_LENGTH - 1).join('')}…`;
}
