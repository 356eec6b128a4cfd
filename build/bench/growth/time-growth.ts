import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { writeSite } from '../../../src/site/build-site.ts';
import { planSite } from '../../../src/site/plan/plan-site.ts';
import { peakMemory } from '../measure/peak-memory.ts';
import type { GrowthTimes } from './growth-figures.ts';
import { type GrowthSetting, growthSettings } from './growth-settings.ts';

// Usage: time-growth.ts SETTING CATALOG OUT MAX_WRITTEN_BYTES. Plans, writes if it is not too much, and prints `GrowthTimes`.
const [setting = '', catalog = '', out = '', maxWritten = ''] = process.argv.slice(2);
const settings = await growthSettings(setting as GrowthSetting, catalog, out);
const { releases } = await readCatalog(settings.catalog, { cwd: process.cwd() });
const started = performance.now();
const cpu = process.cpuUsage();
const plan = await planSite({ ...settings, releases });
const planMs = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
const planPeakBytes = peakMemory('self') ?? 0;
const times: GrowthTimes = {
  answers: plan.answers.count,
  bytes: plan.answers.bytes,
  routerBytes: Buffer.byteLength(plan.router),
  parts: plan.parts.map(({ name, isPublished }) => ({ name, isPublished })),
  planMs,
  planCpuMs: (user + system) / 1000,
  planPeakBytes,
  ...(plan.answers.bytes <= Number(maxWritten) && { written: await timeWriting() }),
};
process.stdout.write(JSON.stringify(times));

async function timeWriting() {
  const before = performance.now();
  const { files } = await writeSite(plan, { ...settings, out: settings.dir });
  return { files, ms: performance.now() - before, peakBytes: peakMemory('self') ?? 0 };
}
