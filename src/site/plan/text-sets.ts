import { trim } from '../../router/request/parse-filter.ts';

/** A set of texts and a filter that finds just these. */
export interface TextSet {
  /** Numbers of the texts, ascending. */
  readonly texts: readonly number[];
  /** Has no blanks around it, and is not empty. */
  readonly filter: string;
}

/** A state of the automaton: the sub-strings that end at the same places. */
interface State {
  readonly next: Map<string, number>;
  /** Length of its longest sub-string. */
  length: number;
  /** The state of the longest suffix that ends at more places; its length + 1 is the length of the shortest here. */
  suffix: number;
  /** A place where it ends: the text, and the position behind its last character. */
  text: number;
  end: number;
  /** Texts it occurs in, ascending. */
  readonly texts: number[];
}

/**
 * Every set of texts that some filter finds as the texts that contain it, each once. Found by a suffix automaton, in time
 * proportional to the texts' length and the sets' size.
 *
 * Source: A. Blumer et al., "The smallest automaton recognizing the subwords of a text", 1985.
 */
export class TextSets {
  readonly #texts: readonly (readonly string[])[];
  readonly #states: State[] = [newState(0, -1, 0, 0)];

  /** @param texts lower-cased */
  constructor(texts: readonly string[]) {
    this.#texts = texts.map((text) => [...text]);
    this.#texts.forEach((characters, text) => {
      let last = 0;
      characters.forEach((character, at) => {
        last = this.#extend(last, character, text, at + 1);
      });
    });
    this.#texts.forEach((characters, text) => {
      this.#mark(characters, text);
    });
  }

  /** The sets, in the order in which their filters were first met. */
  sets(): TextSet[] {
    const sets = new Map<string, TextSet>();
    for (const state of this.#states.slice(1)) {
      const key = state.texts.join();
      const filter = sets.has(key) ? undefined : this.#filterOf(state);
      if (filter !== undefined) sets.set(key, { texts: state.texts, filter });
    }
    return [...sets.values()];
  }

  /** The shortest sub-string of a state that stays as it is when a filter is trimmed. */
  #filterOf({ text, end, length, suffix }: State): string | undefined {
    const characters = this.#texts[text] ?? [];
    const shortest = (this.#states[suffix]?.length ?? 0) + 1;
    if (trim(characters[end - 1] ?? ' ') === '') return undefined;
    for (let at = end - shortest; at >= end - length; at--) {
      if (trim(characters[at] ?? ' ') !== '') return characters.slice(at, end).join('');
    }
    return undefined;
  }

  #extend(last: number, character: string, text: number, end: number): number {
    const states = this.#states;
    const before = states[last] as State;
    const known = before.next.get(character);
    if (known !== undefined) {
      if ((states[known] as State).length === before.length + 1) return known;
      return this.#split(last, character, known, text, end);
    }
    const added = states.push(newState(before.length + 1, 0, text, end)) - 1;
    let at = last;
    while (at >= 0 && !(states[at] as State).next.has(character)) {
      (states[at] as State).next.set(character, added);
      at = (states[at] as State).suffix;
    }
    if (at >= 0) {
      const next = (states[at] as State).next.get(character) as number;
      const isWhole = (states[next] as State).length === (states[at] as State).length + 1;
      (states[added] as State).suffix = isWhole
        ? next
        : this.#split(at, character, next, text, end);
    }
    return added;
  }

  /** Gives the shorter sub-strings of a state, those that follow `from`, a state of their own. */
  #split(from: number, character: string, state: number, text: number, end: number): number {
    const states = this.#states;
    const long = states[state] as State;
    const short = newState((states[from] as State).length + 1, long.suffix, text, end);
    for (const [key, next] of long.next) short.next.set(key, next);
    const added = states.push(short) - 1;
    long.suffix = added;
    let at = from;
    while (at >= 0 && (states[at] as State).next.get(character) === state) {
      (states[at] as State).next.set(character, added);
      at = (states[at] as State).suffix;
    }
    return added;
  }

  /** Enters a text in the states of all its sub-strings: of each prefix, and of the suffixes of that. */
  #mark(characters: readonly string[], text: number) {
    let state = 0;
    for (const character of characters) {
      state = (this.#states[state] as State).next.get(character) as number;
      let at = state;
      while (at > 0 && (this.#states[at] as State).texts.at(-1) !== text) {
        (this.#states[at] as State).texts.push(text);
        at = (this.#states[at] as State).suffix;
      }
    }
  }
}

function newState(length: number, suffix: number, text: number, end: number): State {
  return { next: new Map(), length, suffix, text, end, texts: [] };
}
