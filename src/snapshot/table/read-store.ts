import { UserError } from '../../lib/errors.ts';
import { fileOf } from '../../router/name.ts';
import { nameOf } from '../../router/store/find-record.ts';
import { digitAt } from '../../router/table/encoding.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';

/** The files of a snapshot, by the paths that the router gives. */
type Files = ReadonlySet<string>;

/**
 * The blocks of a store, whole, in the order of their numbers.
 *
 * @param table of the router that reads it
 * @param values by their keys without the snapshot's id
 * @param label how messages call the store
 * @throws {UserError} if a piece is missing, or a record names no file of the snapshot
 */
export function readStore(
  table: RoutingTable,
  values: ReadonlyMap<string, string>,
  files: Files,
  label: string,
): string[] {
  return Array.from({ length: table.blocks ?? 0 }, (_, number) => {
    const unusable = (what: string) =>
      new UserError(`${label}: block ${number} ${what}; build again`);
    const first = values.get(`${number}`) ?? '';
    const more = first === '' ? 0 : Math.max(0, Math.min(digitAt(first), values.size));
    const pieces = Array.from({ length: more }, (_, i) => values.get(`${number}.${i + 1}`));
    if (first === '' || pieces.includes(undefined)) throw unusable('is not whole');
    const block = first.slice(1) + pieces.join('');
    const wrong = block
      .split('\n')
      .slice(1)
      .find((line) => !isRecord(table, line, files));
    if (wrong === undefined) return block;
    throw unusable(`has a record that no build writes, ${JSON.stringify(wrong.slice(0, 60))}`);
  });
}

/** Whether a line is a key, and either nothing more or states and names of files. */
function isRecord(table: RoutingTable, line: string, files: Files): boolean {
  const [key = '', ...record] = line.split(' ');
  if (record.length === 1 && record[0] === '') return true;
  const [, states = '', ...kinds] = record;
  const steps = table.steps.split(' ').length;
  // Lists of all versions are for the default platform only.
  const platforms = /^a\d*$/.test(key) ? ['default'] : table.platforms.split(' ');
  const isState = (pair: string) => {
    const [step, kind] = [digitAt(pair), digitAt(pair, 1)];
    return step >= 0 && step < steps && kind >= 0 && kind < kinds.length;
  };
  const isName = (kind: string) => {
    const since = digitAt(kind);
    if (!(since >= 0 && since < steps)) return false;
    const name = nameOf(table, record, kind);
    return platforms.every((platform) =>
      files.has(`${table.root}api/${fileOf(table, name, platform)}.json`),
    );
  };
  const rows = states.split('!');
  return (
    [1, 4].includes(rows.length) &&
    rows.every((row) => row.length % 2 === 0 && (row.match(/../gs) ?? []).every(isState)) &&
    kinds.every((kind) => kind === '-' || isName(kind))
  );
}
