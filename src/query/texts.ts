import { compareText } from '../lib/compare-text.ts';
import { lowerCase } from './lower-case.ts';

/** The texts of a release that decide what finds it, and where it stands in an answer. */
export interface Texts {
  readonly id: string;
  readonly lowerId: string;
  readonly lowerName: string;
  readonly lowerDescription: string;
}

/** The texts of a release, computed once. */
export function lowerTexts(id: string, name: string, description: string): Texts {
  return {
    id,
    lowerId: lowerCase(id),
    lowerName: lowerCase(name),
    lowerDescription: lowerCase(description),
  };
}

/** Whether the text of a filter finds a release. */
export function matchesText(filterText: string): (texts: Texts) => boolean {
  const text = lowerCase(filterText);
  return ({ lowerId, lowerName, lowerDescription }) =>
    text === '' || lowerId === text || lowerName.includes(text) || lowerDescription.includes(text);
}

/** The order of plugins in an answer, each by its highest version there. */
export function compareNames(a: Texts, b: Texts): number {
  return compareText(a.lowerName, b.lowerName) || compareText(a.id, b.id);
}
