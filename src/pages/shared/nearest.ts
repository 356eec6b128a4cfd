/** A plugin that may be meant. */
export interface Suggestion {
  readonly id: string;
  readonly name: string;
}

/** Texts that share a smaller part have little in common. */
const LEAST_LIKENESS = 0.4;

/** The candidates that are most like a word, such as a misspelt id: the likeliest first. */
export function nearest<Found extends Suggestion>(
  word: string,
  candidates: readonly Found[],
  most: number,
): Found[] {
  const wanted = pairsOf(word);
  return candidates
    .map((candidate) => {
      const { id, name } = candidate;
      // Ids such as `com.example.jira` are remembered by their end.
      const texts = [id, id.slice(id.lastIndexOf('.') + 1), name];
      return { candidate, likeness: Math.max(...texts.map((text) => like(wanted, pairsOf(text)))) };
    })
    .filter(({ likeness }) => likeness >= LEAST_LIKENESS)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** The share of pairs that both have, from 0 to 1: Dice's coefficient. */
function like(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((pair) => b.has(pair)).length;
  return (2 * shared) / (a.size + b.size || 1);
}

/** The pairs of neighbouring letters and digits, with the ends as blanks. */
function pairsOf(text: string): Set<string> {
  const plain = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')} `;
  return new Set(Array.from({ length: plain.length - 1 }, (_, i) => plain.slice(i, i + 2)));
}
