/**
 * How many characters the router goes through to write out the abbreviations of a text (`edge/expand.ts`), at most, without
 * writing them out: each may double the one before, and takes a pass of its own. Undefined where they cannot be written out:
 * one is there twice, or stands for nothing, itself or a later one.
 */
export function expandedCharacters(text: string, abbreviations: string): number | undefined {
  const lengths = new Map<string, number>();
  const lengthOf = (part: string) =>
    part.split('').reduce((sum, character) => sum + (lengths.get(character) ?? 1), 0);
  const entries = abbreviations.slice(1).split(abbreviations[0] ?? '');
  const codes = entries.map((entry) => entry[0]);
  for (const [i, entry] of entries.entries()) {
    const [code, part] = [entry[0], entry.slice(1)];
    if (code === undefined) continue;
    if (
      part === '' ||
      lengths.has(code) ||
      codes.slice(i).some((later) => part.includes(later ?? code))
    ) {
      return undefined;
    }
    lengths.set(code, lengthOf(part));
  }
  return lengthOf(text) * entries.length;
}
