import { AXES, type AxisKey } from '../axes.ts';
import { ROWS } from './space.ts';

/** For each axis, the values that are meant: one or both. */
type RowBox = Readonly<Record<AxisKey, readonly boolean[]>>;

/** Some cells of the space in all their combinations. */
export interface Box extends RowBox {
  /** Adjacent steps: the first and the last one. */
  readonly first: number;
  readonly last: number;
  /** Numbers of platforms, ascending. */
  readonly platforms: readonly number[];
}

/** For each step and each row, the numbers of the platforms that are meant. */
export type Cells = readonly (readonly ReadonlySet<number>[])[];

/** The values of the axes in all their combinations, whole ones first, and the rows that have these. */
const ROW_BOXES = AXES.reduce<Partial<RowBox>[]>(
  (boxes, { key }) =>
    boxes.flatMap((box) =>
      [[false, true], [false], [true]].map((values) => ({ ...box, [key]: values })),
    ),
  [{}],
).map((box) => ({
  box: box as RowBox,
  rows: ROWS.flatMap((row, number) =>
    AXES.every(({ key }) => box[key]?.includes(row[key])) ? [number] : [],
  ),
}));

/**
 * Covers cells with boxes that do not overlap, the largest first: as few as a person would take, and no two of which could be
 * one. Neighbouring steps that are alike count as one, so that the boxes depend on the cells and not on how finely the space
 * is cut.
 */
export function findBoxes(cells: Cells): Box[] {
  const runs = findRuns(cells);
  const left = runs.map(({ rows }) => rows.map((platforms) => new Set(platforms)));
  const boxes: Box[] = [];
  for (let box = findLargest(left); box !== undefined; box = findLargest(left)) {
    const { first, last, rows, platforms } = box;
    for (const step of left.slice(first, last + 1)) {
      for (const row of rows) for (const platform of platforms) step[row]?.delete(platform);
    }
    const [from, to] = [runs[first] as Run, runs[last] as Run];
    boxes.push({ ...box.box, first: from.first, last: to.last, platforms });
  }
  return boxes;
}

/** Neighbouring steps with the same cells. */
interface Run {
  readonly first: number;
  last: number;
  readonly key: string;
  readonly rows: Cells[number];
}

function findRuns(cells: Cells): Run[] {
  const runs: Run[] = [];
  for (const [step, rows] of cells.entries()) {
    const key = rows.map((platforms) => [...platforms].join()).join(';');
    const run = runs.at(-1);
    if (run?.key === key) run.last = step;
    else runs.push({ first: step, last: step, key, rows });
  }
  return runs;
}

/** The box with the most cells; of equal ones that with the most kinds of request, then the first. */
function findLargest(left: Cells) {
  let found: (ReturnType<typeof boxAt> & { size: number; kinds: number }) | undefined;
  for (const rowBox of ROW_BOXES) {
    for (const first of left.keys()) {
      for (let last = first; last < left.length; last++) {
        const box = boxAt(left, rowBox, first, last);
        if (box.platforms.length === 0) break;
        const kinds = box.rows.length * box.platforms.length;
        const size = kinds * (last - first + 1);
        if (!found || size > found.size || (size === found.size && kinds > found.kinds)) {
          found = { ...box, size, kinds };
        }
      }
    }
  }
  return found;
}

function boxAt(left: Cells, rowBox: (typeof ROW_BOXES)[number], first: number, last: number) {
  const sets = left
    .slice(first, last + 1)
    .flatMap((step) => rowBox.rows.map((row) => step[row] ?? new Set<number>()));
  const platforms = [...(sets[0] ?? [])].filter((platform) =>
    sets.every((set) => set.has(platform)),
  );
  return { ...rowBox, first, last, platforms: platforms.sort((a, b) => a - b) };
}
