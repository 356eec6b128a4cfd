import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { digestOf } from '../src/lib/digests.ts';
import { THOROUGH } from './random.ts';

/** A catalog, and the answers that the reference service gave for it: the files of both. */
export interface Corpus {
  readonly name: string;
  readonly catalog: string;
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
 * Those of the public marketplace at three dates, in `shared/` beside some checkouts: none or all three. We may not publish
 * them. If REAL_CORPORA is `required`, as in `.ci/run`, tests fail without them.
 */
export const ALL_REAL_CORPORA: readonly Corpus[] = findRealCorpora(
  path.resolve(import.meta.dirname, '../../shared'),
  process.env['REAL_CORPORA'],
);

/** The same, without the largest unless tests are thorough. */
export const REAL_CORPORA: readonly Corpus[] = ALL_REAL_CORPORA.filter(
  ({ name }) => THOROUGH || name !== LARGEST,
);

/** @throws where they are required and one is missing */
export function findRealCorpora(folder: string, wish: string | undefined): readonly Corpus[] {
  const all = ['master-2021', LARGEST, 'production-2024-10'].map((name) => corpusIn(folder, name));
  const missing = all
    .flatMap(({ catalog, answers }) => [catalog, answers])
    .filter((file) => !existsSync(file));
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

/** A recorded request and what the reference service answered. */
export interface RecordedAnswer {
  /** The raw query string. */
  readonly q: string;
  readonly kind: 'exact' | 'unordered' | 'bad' | 'unpublished';
  readonly status: number;
  readonly n?: number;
  /** A row a plugin: `id@version|labels|d8|s8`, the last two digests of download URL and signature. */
  readonly plugins?: readonly string[];
  /** Whether to compare as sorted lists. */
  readonly sorted?: boolean;
  /** Instead of `plugins`, for long answers: digest of the rows. */
  readonly sha?: string;
}

/** Reads recorded answers: one JSON object a line. */
export function readCorpus(file: string): RecordedAnswer[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedAnswer);
}

/** The mismatch in words, or empty where an answer is the recorded one. */
export function compareWithRecorded(body: string, recorded: RecordedAnswer): string {
  const rows = (JSON.parse(body) as AnswerRow[]).map(toRow);
  if (recorded.sorted) rows.sort();
  if (rows.length !== recorded.n) return `${rows.length} plugins, expected ${recorded.n}`;
  if (recorded.sha !== undefined) {
    const digest = digestOf(rows.join('\n')).slice(0, 16);
    return digest === recorded.sha ? '' : `digest ${digest}, expected ${recorded.sha}`;
  }
  const at = rows.findIndex((row, i) => row !== recorded.plugins?.[i]);
  return at < 0 ? '' : `plugin ${at} is ${rows[at]}, expected ${recorded.plugins?.[at]}`;
}

interface AnswerRow {
  readonly manifest: { readonly id: string; readonly version: string };
  readonly labels?: readonly { readonly name: string }[];
  readonly download_url: string;
  readonly signature: string;
}

function toRow({ manifest, labels = [], download_url, signature }: AnswerRow): string {
  const names = labels.map(({ name }) => name).join(',');
  const [d8, s8] = [download_url, signature].map((text) => digestOf(text).slice(0, 8));
  return `${manifest.id}@${manifest.version}|${names}|${d8}|${s8}`;
}
