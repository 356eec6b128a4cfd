import { readFileSync } from 'node:fs';
import { digestOf } from '../src/lib/digests.ts';

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
  /** In place of `plugins` for long answers: digest of the rows. */
  readonly sha?: string;
}

/** Reads a corpus: one JSON object a line. */
export function readCorpus(file: string): RecordedAnswer[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedAnswer);
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
  return `${manifest.id}@${manifest.version}|${names}|${digest8(download_url)}|${digest8(signature)}`;
}

const digest8 = (text: string) => digestOf(text).slice(0, 8);
