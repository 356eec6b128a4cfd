import { foldId } from '../../mattermost/install/manifest-rules.ts';

/** Of the characters that servers take in ids, those that look like others. */
const LOOK_LIKE: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  i: 'l',
  m: 'rn',
  w: 'vv',
};

/**
 * What an id looks like: equal for ids that people can hardly tell apart, such as `com.Acme.hr` and `corn.acrne.hr`. In the way of
 * Unicode's TR 39, for the characters that servers take.
 */
export function skeletonOf(id: string): string {
  return foldId(id).replace(/[01imw]/g, (character) => LOOK_LIKE[character] ?? character);
}

/** What one character of an id may be in a skeleton although it is two. */
export const LOOKS_LIKE_ONE: ReadonlySet<string> = new Set(
  Object.values(LOOK_LIKE).filter((looks) => looks.length > 1),
);
