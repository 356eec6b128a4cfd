/** Longer texts take too long to abbreviate, and no router would be small enough for them. */
const LONGEST_TO_ABBREVIATE = 30_000;

/** What is shorter than this and longer than 1 can be abbreviated. */
const LONGEST_ABBREVIATED = 32;

/** Texts, joined, and what is abbreviated in them, as `expand` of the router takes it. */
export interface Abbreviated {
  readonly text: string;
  readonly abbreviations: string;
}

/**
 * Abbreviates texts: again and again puts a code in the place of what saves most.
 *
 * @param between a character that occurs in no text, to join them with
 * @param codes others such, one for each abbreviation
 * @param separator one more
 * @returns the texts with up to so many abbreviations; those of fewer are found once for all
 */
export function abbreviator(
  texts: readonly string[],
  between: string,
  codes: readonly string[],
  separator: string,
): (count: number) => Abbreviated {
  const made: Abbreviated[] = [{ text: texts.join(between), abbreviations: '' }];
  const isShort = (made[0]?.text.length ?? 0) <= LONGEST_TO_ABBREVIATE;
  return (count) => {
    for (const code of isShort ? codes.slice(made.length - 1, count) : []) {
      const { text, abbreviations } = made.at(-1) as Abbreviated;
      const best = mostSaving(text, between);
      if (best === undefined) break;
      made.push({
        text: text.split(best).join(code),
        abbreviations: abbreviations + separator + code + best,
      });
    }
    return made[Math.min(count, made.length - 1)] as Abbreviated;
  };
}

/** The sub-string inside a text that takes most bytes in all, against a code for each occurrence and the abbreviation itself. */
function mostSaving(text: string, between: string): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (let length = 2; length <= LONGEST_ABBREVIATED; length++) {
    const counts = new Map<string, { count: number; end: number }>();
    for (let at = 0; at + length <= text.length; at++) {
      const part = text.slice(at, at + length);
      const known = counts.get(part);
      if (known === undefined) {
        counts.set(part, { count: 1, end: at + length });
      } else if (known.end <= at) {
        known.count++;
        known.end = at + length;
      }
    }
    for (const [part, { count }] of counts) {
      const saved = count * (length - 1) - length - 2;
      if (saved > most && !part.includes(between) && !/[\u0080-\uffff]/.test(part)) {
        most = saved;
        best = part;
      }
    }
  }
  return best;
}

/** Characters of one byte that need no escape in JavaScript and occur in no text. */
export function unusedCharacters(used: ReadonlySet<string>): string[] {
  const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  return printable.filter((character) => !used.has(character) && !'`\\$'.includes(character));
}
