import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import zlib from 'node:zlib';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { digestOf } from '../../src/lib/digests.ts';
import { sitePages } from '../../src/pages/html/site-pages.ts';
import { readBuildSettings } from '../../src/settings/read-settings.ts';
import { planSite } from '../../src/site/plan/plan-site.ts';
import { joinPieces } from '../../src/site/write/answer-files.ts';
import { AnswerGzip } from '../../src/site/write/answer-gzip.ts';
import { writeSite } from '../../src/site/write-site.ts';
import type { Snapshot } from '../../src/snapshot/parse-snapshot.ts';
import { ALWAYS_FLAGS } from './inputs/builds.ts';
import { runProgram } from './measure/processes.ts';

/** Measurements from inside a process; each takes the command's arguments, and its result is printed as JSON. */
const MEASUREMENTS = { phases, rewriting, compressing, pages };

type Measurements = typeof MEASUREMENTS;

/** Takes one measurement in a process of its own, so that each begins with cold code and an empty heap. */
export async function timeInside<Name extends keyof Measurements>(
  name: Name,
  args: Parameters<Measurements[Name]>,
  signal: AbortSignal,
) {
  const { stdout } = await runProgram('build/bench/time-inside.ts', [name, ...args], signal);
  return JSON.parse(stdout) as Awaited<ReturnType<Measurements[Name]>>;
}

/** The phases of a build of what is always published. */
async function phases(catalog: string, out: string) {
  const { settings, plan, readMs, planMs } = await timePlan(catalog, out, ALWAYS_FLAGS);
  const planned = performance.now();
  let lastWritten = planned;
  const onProgress = () => {
    lastWritten = performance.now();
  };
  await writeSite(plan, { ...settings, out: settings.dir, onProgress });
  const finishMs = performance.now() - lastWritten;
  return { readMs, planMs, writeMs: lastWritten - planned, finishMs };
}

/** Hashing every file of a finished build, and writing it once more, both from memory. */
async function rewriting(dir: string, out: string) {
  const { files }: Snapshot = JSON.parse(await readFile(path.join(dir, 'snapshot.json'), 'utf8'));
  const times = { hashMs: 0, rewriteMs: 0 };
  for (const file of files) {
    const content = await readFile(path.join(dir, file.path));
    const copy = path.join(out, file.path);
    await mkdir(path.dirname(copy), { recursive: true });
    const started = performance.now();
    digestOf(content);
    const hashed = performance.now();
    await writeFile(copy, content);
    times.hashMs += hashed - started;
    times.rewriteMs += performance.now() - hashed;
  }
  return times;
}

/** Each answer of a build with default settings, joined from compressed releases and compressed as a whole, in turn. */
async function compressing(catalog: string) {
  const { answers, space } = (await timePlan(catalog, 'dist', {})).plan;
  const gzip = new AnswerGzip(space.rendered);
  const joined = { ms: 0, bytes: 0 };
  const whole = { ms: 0, bytes: 0 };
  const measure = (total: typeof joined, compress: () => Buffer) => {
    const started = performance.now();
    total.bytes += compress().length;
    total.ms += performance.now() - started;
  };
  for (const answer of answers.answers) {
    const content = joinPieces(answer, space.rendered);
    measure(joined, () => gzip.compress(answer.releases, answer.form));
    measure(whole, () => zlib.gzipSync(content, { level: 6 }));
  }
  return {
    answers: answers.size.files,
    bytes: answers.size.bytes,
    deflateRuns: gzip.runs,
    joined,
    whole,
  };
}

/** The web pages of a build of what is always published, and everything else in it. */
async function pages(catalog: string, out: string) {
  const flags = { ...ALWAYS_FLAGS, 'router-bytes': '100000000' };
  const { settings, plan, readMs, planMs } = await timePlan(catalog, out, flags);
  const planned = performance.now();
  await sitePages(plan.space, plan.loaded, settings);
  const pagesMs = performance.now() - planned;
  const written = await writeSite(plan, { ...settings, out: settings.dir });
  const { snapshot, pageFiles, pageBytes } = written;
  // Writing makes the pages once more.
  const othersMs = readMs + planMs + performance.now() - planned - 2 * pagesMs;
  return { plugins: snapshot.catalog.plugins, pageFiles, pageBytes, pagesMs, othersMs };
}

/** Plans a build. The environment is left aside, so that figures can be compared. */
async function timePlan(catalog: string, out: string, flags: Readonly<Record<string, string>>) {
  const cwd = process.cwd();
  const settings = await readBuildSettings({ catalog: [catalog], out, ...flags }, {}, cwd);
  const started = performance.now();
  const { releases } = await readCatalog(settings.catalog, { cwd });
  const readMs = performance.now() - started;
  const plan = await planSite({ ...settings, releases });
  const planMs = performance.now() - started - readMs;
  return { settings, plan, readMs, planMs };
}

if (process.argv[1] === import.meta.filename) {
  const [name = '', ...args] = process.argv.slice(2);
  const measure = MEASUREMENTS[name as keyof Measurements] as (...args: string[]) => unknown;
  process.stdout.write(JSON.stringify(await measure(...args)));
}
