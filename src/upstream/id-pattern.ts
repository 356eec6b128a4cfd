import { LOOKS_LIKE_ONE, skeletonOf } from '../catalog/problems/skeleton-of.ts';
import { foldId, hasIdCharacters } from '../mattermost/install/manifest-rules.ts';

/** Whether an id matches one of the patterns, in which `*` matches anything and `?` one character. */
type IdTest = (id: string) => boolean;

/** The ids that patterns mean, letter for letter. */
export function matchIds(patterns: readonly string[]): IdTest {
  return (id) => patterns.some((pattern) => isWithin(0, pattern, id));
}

/** The ids that servers treat as one of those: they lower-case ids. */
export function matchFolded(patterns: readonly string[]): IdTest {
  const matches = matchIds(patterns.map(foldId));
  return (id) => matches(foldId(id));
}

/** The ids that look like one of those, and those with characters that no server allows: they may look like anything. */
export function matchLookAlikes(patterns: readonly string[]): IdTest {
  if (patterns.length === 0) return () => false;
  const looks = patterns.map(skeletonOf);
  return (id) => {
    if (!hasIdCharacters(id)) return true;
    const look = skeletonOf(id);
    return looks.some((pattern) => isWithin(0, pattern, look, LOOKS_LIKE_ONE));
  };
}

/** Too many shorter ids are one edit apart by chance. */
const NEAR_FROM_LENGTH = 6;

/** Finds the pattern that an id looks like, or has one character more, less or other than. */
export function findNear(patterns: readonly string[]): (id: string) => string | undefined {
  const long = patterns.filter(
    (pattern) => pattern.replace(/[*?]/g, '').length >= NEAR_FROM_LENGTH,
  );
  const withWildcards = long
    .filter((pattern) => /[*?]/.test(pattern))
    .map((pattern) => ({ pattern, folded: foldId(pattern) }));
  // There may be thousands of whole ids: two that are near have a form in common.
  const byForm = new Map<string, string>();
  for (const pattern of long) {
    for (const form of formsOf(pattern)) byForm.set(form, pattern);
  }
  return (id) => {
    const form = formsOf(id).find((form) => byForm.has(form));
    if (form !== undefined) return byForm.get(form);
    const folded = foldId(id);
    return withWildcards.find((one) => isWithin(1, one.folded, folded))?.pattern;
  };
}

/** The skeleton of an id, and its variants without one of the characters. */
function formsOf(id: string): string[] {
  const folded = foldId(id);
  const shortened = Array.from(folded, (_, i) => folded.slice(0, i) + folded.slice(i + 1));
  return [skeletonOf(id), folded, ...shortened];
}

/**
 * Whether at most so many one-character edits make a text match the pattern. Takes O(n·m) time for lengths n and m.
 *
 * @param pairs two characters that `?` matches as if they were one
 */
function isWithin(
  edits: number,
  pattern: string,
  text: string,
  pairs: ReadonlySet<string> = new Set(),
): boolean {
  const characters = [...text];
  // How many edits the pattern up to here takes to mean the first so many characters.
  let row = [0, ...characters.map((_, i) => i + 1)];
  for (const unit of pattern) {
    const next: number[] = [];
    let fewest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < row.length; i++) {
      const above = row[i] ?? Number.POSITIVE_INFINITY;
      const left = next[i - 1] ?? Number.POSITIVE_INFINITY;
      let count = Math.min(above, left);
      if (unit !== '*') {
        const before = row[i - 1] ?? Number.POSITIVE_INFINITY;
        const isSame = unit === '?' || unit === characters[i - 1];
        count = Math.min(count + 1, before + (isSame ? 0 : 1));
        const isPair = unit === '?' && pairs.has(`${characters[i - 2]}${characters[i - 1]}`);
        if (isPair) count = Math.min(count, row[i - 2] ?? Number.POSITIVE_INFINITY);
      }
      next.push(count);
      fewest = Math.min(fewest, count);
    }
    if (fewest > edits) return false;
    row = next;
  }
  return (row.at(-1) ?? Number.POSITIVE_INFINITY) <= edits;
}
