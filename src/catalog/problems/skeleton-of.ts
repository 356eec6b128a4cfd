import { foldId } from '../../mattermost/install/manifest-rules.ts';

/** Characters allowed in ids that look like others. */
const LOOK_LIKE: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  i: 'l',
  m: 'rn',
  w: 'vv',
};

/**
 * The skeleton of an id: equal for ids that people can hardly tell apart, such as `com.Acme.hr` and `corn.acrne.hr`.
 * Follows Unicode's TR 39, for the characters that servers allow.
 */
export function skeletonOf(id: string): string {
  return foldId(id).replace(/[01imw]/g, (character) => LOOK_LIKE[character] ?? character);
}

/** Pairs of characters in an id that look like one character of a skeleton. */
export const LOOKS_LIKE_ONE: ReadonlySet<string> = new Set(
  Object.values(LOOK_LIKE).filter((looks) => looks.length > 1),
);
