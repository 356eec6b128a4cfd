import { existsSync } from 'node:fs';
import path from 'node:path';
import { THOROUGH } from './random.ts';

/** A catalog, and the answers that the reference service gave for it. */
export interface Corpus {
  readonly name: string;
  /** The file of the catalog. */
  readonly catalog: string;
  /** The file of the recorded answers. */
  readonly answers: string;
}

/** Those that are part of the project: small ones that stress the rules. */
export const FIXTURE_CORPORA: readonly Corpus[] = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({
  ...corpusIn(path.join(import.meta.dirname, 'fixtures'), `${number}`),
  name: `random/${number}`,
}));

/** The largest of the real ones, which takes most of the time. */
const LARGEST = 'production-2023-09';

/**
 * Those of the public marketplace at three dates, which lie in `shared/` beside some checkouts: none or all three, where tests
 * are thorough. They are not ours to publish. Where REAL_CORPORA is `required`, as in `.ci/run`, tests fail without them.
 */
export const REAL_CORPORA: readonly Corpus[] = findRealCorpora(
  path.resolve(import.meta.dirname, '../../shared'),
  process.env['REAL_CORPORA'],
).filter(({ name }) => THOROUGH || name !== LARGEST);

/** @throws where they are required and one is missing */
export function findRealCorpora(folder: string, wish: string | undefined): readonly Corpus[] {
  const all = ['master-2021', LARGEST, 'production-2024-10'].map((name) => corpusIn(folder, name));
  const missing = all.flatMap(({ catalog, answers }) =>
    [catalog, answers].filter((file) => !existsSync(file)),
  );
  if (missing.length === 0) return all;
  if (wish !== 'required') return [];
  throw new Error(
    `REAL_CORPORA is required, but there is no ${missing.join(', nor ')}: put them there, or set REAL_CORPORA=optional to test without`,
  );
}

function corpusIn(folder: string, name: string): Corpus {
  return {
    name,
    catalog: path.join(folder, `catalogs/${name}.json`),
    answers: path.join(folder, `parity/${name}.jsonl`),
  };
}
