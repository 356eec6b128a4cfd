import zlib from 'node:zlib';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { readBuildSettings } from '../../../src/settings/read-settings.ts';
import { planSite } from '../../../src/site/plan/plan-site.ts';
import { AnswerGzip, joinPieces } from '../../../src/site/write/answer-files.ts';

/** What compressing the answers of a catalog comes to, from releases compressed once and each by itself. */
export interface CompressTimes {
  readonly answers: number;
  /** Bytes of them, plain. */
  readonly bytes: number;
  /** How often a release was compressed. */
  readonly runs: number;
  readonly joinedMs: number;
  readonly joinedBytes: number;
  readonly wholeMs: number;
  readonly wholeBytes: number;
}

/** What `gzip` takes where it is told nothing. */
const LEVEL = 6;

// Usage: time-compress.ts CATALOG. Compresses each answer of a build with default settings both ways, one right after the other, so that a slow moment
// of the machine falls on both, and prints `CompressTimes`.
const [file = ''] = process.argv.slice(2);
const settings = await readBuildSettings({ catalog: [file] }, {}, process.cwd());
const { releases } = await readCatalog(settings.catalog, { cwd: process.cwd() });
const { answers, space } = await planSite({ ...settings, releases });
const gzip = new AnswerGzip(space.rendered);
const joined = { ms: 0, bytes: 0 };
const whole = { ms: 0, bytes: 0 };
for (const answer of answers.answers) {
  const content = joinPieces(answer, space.rendered);
  measure(joined, () => gzip.compress(answer));
  measure(whole, () => zlib.gzipSync(content, { level: LEVEL }));
}
const times: CompressTimes = {
  answers: answers.count,
  bytes: answers.bytes,
  runs: gzip.runs,
  joinedMs: joined.ms,
  joinedBytes: joined.bytes,
  wholeMs: whole.ms,
  wholeBytes: whole.bytes,
};
process.stdout.write(JSON.stringify(times));

function measure(total: { ms: number; bytes: number }, compress: () => Buffer) {
  const started = performance.now();
  total.bytes += compress().length;
  total.ms += performance.now() - started;
}
