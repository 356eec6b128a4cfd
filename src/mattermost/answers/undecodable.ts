import { SERVER_LINES, type ServerLine } from '../server-line.ts';
import { type DecodedManifest, entryType, manifestType } from './answer-type.ts';
import { decodeGo, type GoType, type OtherSpelling, type WrongType } from './go-decoder.ts';

/** Something that a server would not decode, or would read under another name. */
export interface Undecodable {
  /** Each with the lines of the servers that refuse it, oldest first. */
  readonly wrongTypes: readonly (WrongType & { readonly lines: readonly ServerLine[] })[];
  readonly otherSpellings: readonly OtherSpelling[];
}

/**
 * Everything in an answered entry that keeps a server of some line from decoding the answer. One such
 * entry blanks the list of every server of that line.
 */
export function findUndecodable(entry: unknown): Undecodable {
  return decodeInEach(ENTRY_TYPES, entry);
}

/** The same in the manifest of a bundle: a server of such a line does not install it. */
export function findUndecodableManifest(manifest: unknown): Undecodable {
  return decodeInEach(MANIFEST_TYPES, manifest);
}

/** The types of the versions that were asked for. */
const TYPES = new Map<string, GoType>();

/** A manifest as a server of that version has it. */
export function decodeManifest(version: string, manifest: object): DecodedManifest {
  const type = TYPES.get(version) ?? manifestType(version);
  TYPES.set(version, type);
  return decodeGo(type, manifest).value as DecodedManifest;
}

type LineType = readonly [line: ServerLine, type: GoType];

const ENTRY_TYPES = SERVER_LINES.map((line): LineType => [line, entryType(line.first)]);
const MANIFEST_TYPES = SERVER_LINES.map((line): LineType => [line, manifestType(line.first)]);

function decodeInEach(types: readonly LineType[], value: unknown): Undecodable {
  const wrongTypes = new Map<string, WrongType & { lines: ServerLine[] }>();
  const otherSpellings = new Map<string, OtherSpelling>();
  for (const [line, type] of types) {
    const decoded = decodeGo(type, value);
    for (const wrong of decoded.wrongTypes) {
      const key = JSON.stringify([wrong.path, wrong.takes]);
      const known = wrongTypes.get(key) ?? { ...wrong, lines: [] };
      known.lines.push(line);
      wrongTypes.set(key, known);
    }
    for (const other of decoded.otherSpellings) {
      otherSpellings.set(JSON.stringify(other.path), other);
    }
  }
  return { wrongTypes: [...wrongTypes.values()], otherSpellings: [...otherSpellings.values()] };
}
