/** A Go type, for decoding JSON. `isPointer`: null makes it nil; otherwise null changes nothing. */
export type GoType =
  | { readonly kind: 'string' | 'bool' | 'any' }
  | { readonly kind: 'slice' | 'map'; readonly of: GoType }
  | {
      readonly kind: 'struct';
      readonly fields: Readonly<Record<string, GoType>>;
      readonly isPointer?: boolean;
    };

/** The keys and indexes that lead to a value. */
export type Path = readonly (string | number)[];

/** A value that a type does not take: Go fails the whole document for it. */
export interface WrongType {
  readonly path: Path;
  /** Such as `a number`. */
  readonly found: string;
  /** Such as `a string`. */
  readonly takes: string;
}

/** A key that Go reads as a field although it is spelled otherwise. */
export interface OtherSpelling {
  /** Ends with the key as it is spelled. */
  readonly path: Path;
  readonly field: string;
}

export interface Decoded {
  /** What the server has: known fields only, absent ones with their zero values, nil as null. */
  readonly value: unknown;
  /** Empty where decoding succeeds. */
  readonly wrongTypes: readonly WrongType[];
  readonly otherSpellings: readonly OtherSpelling[];
}

/** A JSON object with its members in text order, including repeated keys, which a JavaScript object cannot hold. */
export class JsonObject {
  readonly members: readonly (readonly [key: string, value: unknown])[];

  constructor(members: readonly (readonly [string, unknown])[]) {
    this.members = members;
  }
}

/**
 * Decodes a JSON value into a Go type as `encoding/json` does: a field takes its key in any case, a repeated scalar is
 * replaced, a repeated object merged, a repeated array written over the old elements, null keeps the old value, and unknown
 * keys are skipped.
 *
 * @param value from `JSON.parse`, or with `JsonObject` instead of objects
 */
export function decodeGo(type: GoType, value: unknown): Decoded {
  const wrongTypes: WrongType[] = [];
  const otherSpellings: OtherSpelling[] = [];
  const path: (string | number)[] = [];

  function refuse(type: GoType, value: unknown): void {
    wrongTypes.push({ path: [...path], found: nameOf(value), takes: TAKES[type.kind] });
  }

  function at<Result>(step: string | number, run: () => Result): Result {
    path.push(step);
    const result = run();
    path.pop();
    return result;
  }

  function decode(type: GoType, old: unknown, value: unknown): unknown {
    if (value === null) return isNillable(type) ? null : (old ?? zeroOf(type));
    switch (type.kind) {
      case 'string':
      case 'bool':
        if (typeof value === (type.kind === 'bool' ? 'boolean' : 'string')) return value;
        break;
      case 'any':
        findInfinite(value);
        return toPlain(value);
      case 'slice':
        if (Array.isArray(value)) {
          const elements = Array.isArray(old) ? old : [];
          return value.map((item, i) => at(i, () => decode(type.of, elements[i], item)));
        }
        break;
      case 'map':
        if (isObject(value)) {
          const map = new Map(Object.entries((old ?? {}) as object));
          for (const [key, item] of membersOf(value)) {
            map.set(
              key,
              at(key, () => decode(type.of, undefined, item)),
            );
          }
          return Object.fromEntries(map);
        }
        break;
      case 'struct':
        if (isObject(value)) return decodeStruct(type.fields, old ?? zeroOf(type, true), value);
    }
    refuse(type, value);
    return old ?? zeroOf(type);
  }

  function decodeStruct(
    fields: Readonly<Record<string, GoType>>,
    old: unknown,
    value: object,
  ): unknown {
    const decoded = { ...(old as Record<string, unknown>) };
    for (const [key, item] of membersOf(value)) {
      const field = fieldOf(fields, key);
      if (field === undefined) continue;
      at(key, () => {
        if (field !== key) otherSpellings.push({ path: [...path], field });
        decoded[field] = decode(fields[field] as GoType, decoded[field], item);
      });
    }
    return decoded;
  }

  /** The one thing that `any` does not take is a number beyond float64, which `JSON.parse` makes infinite. */
  function findInfinite(value: unknown): void {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      wrongTypes.push({ path: [...path], found: 'a number beyond 1.8e308', takes: 'any value' });
    } else if (Array.isArray(value)) {
      value.forEach((item, i) => {
        at(i, () => findInfinite(item));
      });
    } else if (isObject(value)) {
      for (const [key, item] of membersOf(value)) at(key, () => findInfinite(item));
    }
  }

  return { value: decode(type, undefined, value), wrongTypes, otherSpellings };
}

const TAKES: Readonly<Record<GoType['kind'], string>> = {
  string: 'a string',
  bool: 'true or false',
  any: 'any value',
  slice: 'an array',
  map: 'an object',
  struct: 'an object',
};

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

function isNillable(type: GoType): boolean {
  return type.kind === 'struct' ? type.isPointer === true : !['string', 'bool'].includes(type.kind);
}

/** Structs without a value, made once for each type; a decoder copies them. */
const EMPTY_STRUCTS = new WeakMap<GoType, unknown>();

function zeroOf(type: GoType, isAllocated = false): unknown {
  if (type.kind === 'string') return '';
  if (type.kind === 'bool') return false;
  if (type.kind !== 'struct' || (type.isPointer && !isAllocated)) return null;
  const known = EMPTY_STRUCTS.get(type);
  if (known !== undefined) return known;
  const fields = Object.entries(type.fields);
  const empty = Object.fromEntries(fields.map(([name, field]) => [name, zeroOf(field)]));
  EMPTY_STRUCTS.set(type, empty);
  return empty;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields of structs by their folded keys, the first of equal ones. */
const FOLDED = new WeakMap<Fields, ReadonlyMap<string, string>>();

/** The field that takes a key: the one spelled so, else the one that differs in case only. */
function fieldOf(fields: Fields, key: string): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  let folded = FOLDED.get(fields);
  if (folded === undefined) {
    const names = Object.keys(fields).reverse();
    folded = new Map(names.map((field) => [foldKey(field), field]));
    FOLDED.set(fields, folded);
  }
  return folded.get(foldKey(key));
}

/**
 * A key as Go compares it: without regard to case under Unicode's simple folding, by which two letters outside ASCII fold to
 * one inside, the long s and the sign for kelvin.
 */
export function foldKey(key: string): string {
  return key
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: object): Iterable<readonly [string, unknown]> {
  return value instanceof JsonObject ? value.members : Object.entries(value);
}

/** Without `JsonObject`: of a repeated key the last value counts. */
function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (!isObject(value)) return value;
  return Object.fromEntries([...membersOf(value)].map(([key, item]) => [key, toPlain(item)]));
}
