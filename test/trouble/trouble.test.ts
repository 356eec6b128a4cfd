import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { loadSite, route } from '../../src/hosts/embedded/site/load-site.ts';
import { addBuild, removeOtherSnapshots } from '../../src/hosts/nginx/process/add-build.ts';
import { servedSnapshot, waitForSnapshot } from '../../src/hosts/nginx/process/served-snapshot.ts';
import { replaceFolder } from '../../src/site/write/replace-folder.ts';
import { copyBuild, skipWithoutApache, startApache } from '../engines/apache.ts';
import { skipWithoutCaddy, startCaddy } from '../engines/caddy.ts';
import { skipWithoutHaproxy, startHaproxy } from '../engines/haproxy.ts';
import { skipWithoutNginx, startNginx } from '../engines/nginx.ts';
import { THOROUGH } from '../random.ts';
import { type BuiltSite, builtSite, makeReadableFolder } from '../sites/built-site.ts';
import { type LoadOptions, startLoad } from './load.ts';

/** `TROUBLE_SWAPS=500` makes it last longer. */
const SWAPS = Number(process.env['TROUBLE_SWAPS'] ?? (THOROUGH ? 20 : 8));

/** Between two swaps. */
const PAUSE_MS = 500;

/** Builds that follow one another, over and over: more than are swapped while one may still be answered. */
const BUILDS = 12;

const MIB = 1024 * 1024;

const TARGETS = [
  '/',
  '/api/v1/plugins',
  '/api/v1/plugins?plugin_id=jira&server_version=9.5.0&platform=linux-amd64',
  '/api/v1/plugins?plugin_id=zoom&return_all_versions=true',
  '/api/v1/plugins?filter=todo',
  '/api/v1/health',
  '/api/v1/plugins?filter=about',
];

/** Those that plain rules decide, too. */
const DECIDED_TARGETS = TARGETS.slice(0, -1);

/** A server that is in for trouble. */
interface Victim {
  readonly url: string;
  readonly pid: number;
  /** What it is asked for; TARGETS where it does not say. */
  readonly targets?: readonly string[];
  /** As in `LoadOptions`. */
  readonly closesNew?: boolean;
  /** Puts a build into the place of the one that is served. */
  swap(site: BuiltSite): Promise<void>;
  /** How long after a swap an answer of the build before may still come. */
  readonly graceMs: number;
  /**
   * How much more memory than at the beginning it may have at the end: what it differs by from one look to the next, and less
   * than a few hundred bytes a request would be.
   */
  readonly toleranceBytes: number;
}

function catalogOf(build: number) {
  const entries = ['jira', 'zoom', 'todo', 'welcomebot'].flatMap((id) =>
    ['1.0.0', `1.${build + 1}.0`].map((version) => ({
      manifest: { id, name: id, version, description: `about ${id}, ${'long '.repeat(100)}` },
    })),
  );
  return parseCatalog(JSON.stringify(entries), 'test.json').releases;
}

/** What each build answers, by its own router. */
async function expectedBodies(
  sites: readonly BuiltSite[],
  targets: readonly string[],
): Promise<LoadOptions['expected']> {
  const loaded = await Promise.all(sites.map(({ out }) => loadSite(out)));
  const bodies = targets.map(async (target): Promise<[string, string[]]> => {
    const ofBuilds = loaded.map(async (site) => {
      const routed = route(site, 'GET', target);
      assert.ok('file' in routed, target);
      return await readFile(path.join(site.root, routed.file.path), 'utf8');
    });
    return [target, await Promise.all(ofBuilds)];
  });
  return new Map(await Promise.all(bodies));
}

/** Swaps builds under load and trouble, and checks every answer and what memory is left. */
async function trouble(t: TestContext, victim: Victim, sites: readonly BuiltSite[]): Promise<void> {
  const startMs = performance.now();
  /** When each build came to be served for good. */
  const served = [startMs];
  let newest = 0;
  const load = startLoad({
    url: victim.url,
    expected: await expectedBodies(sites, victim.targets ?? TARGETS),
    oldest: () => {
      const longAgo = performance.now() - victim.graceMs;
      return Math.max(0, served.filter((ms) => ms < longAgo).length - 1);
    },
    newest: () => newest,
    seed: 1,
    closesNew: victim.closesNew ?? false,
  });
  let atStart = 0;
  for (let number = 1; number <= SWAPS; number++) {
    await sleep(PAUSE_MS);
    newest = number;
    await victim.swap(sites[number % BUILDS] as BuiltSite);
    served.push(performance.now());
    // Whatever is made once has been made by then.
    if (number === Math.ceil(SWAPS / 4)) atStart = await restingBytes(victim);
  }
  await sleep(victim.graceMs);
  await load.stop();
  const atEnd = await restingBytes(victim);
  const { answers, troubles, repeats, wrong } = load.result;
  const seconds = (performance.now() - startMs) / 1000;
  t.diagnostic(
    `${SWAPS} swaps in ${seconds.toFixed(0)} s: ${answers} answers, ${wrong.length} wrong, ${repeats} sent again, ${troubles} bad connections, memory ${(atStart / MIB).toFixed(1)} MiB, then ${(atEnd / MIB).toFixed(1)} MiB`,
  );
  assert.deepEqual(wrong.slice(0, 20), []);
  assert.ok(answers > 50 * SWAPS, `only ${answers} answers`);
  assert.ok(troubles > 10 * SWAPS, `only ${troubles} bad connections`);
  assert.ok(repeats < answers / 100, `${repeats} requests had to be sent again`);
  assert.ok(atEnd - atStart < victim.toleranceBytes, `memory rose from ${atStart} to ${atEnd}`);
}

/** Copies a build over a folder that is served, lets the server read its rules anew, and removes older snapshots. */
function swapBy(dir: string, url: string, reload: () => Promise<void>): Victim['swap'] {
  return async ({ out, id }) => {
    const previousId = await servedSnapshot(url);
    for (const name of ['snapshots', 'edge', 'snapshot.json']) {
      await cp(path.join(out, name), path.join(dir, name), { recursive: true });
    }
    await reload();
    assert.ok(await waitForSnapshot(url, id, AbortSignal.timeout(15_000)));
    await removeOtherSnapshots(dir, [id, previousId ?? id]);
  };
}

/** Bytes that a server and its children have in memory, when the workers of earlier builds are gone. Linux only. */
async function restingBytes({ pid }: Victim): Promise<number> {
  const limitMs = performance.now() + 20_000;
  let children = await childrenOf(pid);
  for (;;) {
    await sleep(1000);
    const before = children.join();
    children = await childrenOf(pid);
    if (children.join() === before || performance.now() > limitMs) break;
  }
  const statuses = await Promise.all([pid, ...children].map((each) => readProc(each, 'status')));
  const kilobytes = statuses.map((status) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0));
  return 1024 * kilobytes.reduce((sum, each) => sum + each, 0);
}

/** The processes that a process started and that are there still. */
async function childrenOf(pid: number): Promise<number[]> {
  return (await readProc(pid, `task/${pid}/children`)).split(' ').filter(Boolean).map(Number);
}

const readProc = (pid: number, file: string) =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

describe('An hour of trouble in a minute', () => {
  const sites: BuiltSite[] = [];
  before(async () => {
    for (let build = 0; build < BUILDS; build++) sites.push(await builtSite(catalogOf(build)));
  });
  after(() => Promise.all(sites.map((site) => site.remove())));

  // What nginx has, what it is asked.
  for (const [what, hasNjs, targets] of [
    ['rules and njs', true, TARGETS],
    ['rules alone', false, DECIDED_TARGETS],
  ] as const) {
    test(`nginx with ${what} gives no wrong answer, fails none, and its memory stays`, {
      skip: skipWithoutNginx,
    }, async (t) => {
      const nginx = await startNginx((sites[0] as BuiltSite).out, undefined, hasNjs);
      t.after(nginx.stop);
      const { url, root, pid } = nginx;
      const swap = async ({ out }: BuiltSite) => {
        const previousId = await servedSnapshot(url);
        const id = await addBuild(out, root);
        process.kill(pid, 'SIGHUP');
        assert.ok(await waitForSnapshot(url, id, AbortSignal.timeout(15_000)));
        await removeOtherSnapshots(root, [id, previousId ?? id]);
      };
      // Old workers take requests until a tenth of a second after the new ones do, and answer those that they took.
      const [graceMs, toleranceBytes] = [1000, 8 * MIB];
      await trouble(t, { url, pid, targets, swap, graceMs, toleranceBytes }, sites);
    });
  }

  test('Apache gives no wrong answer, fails none, and its memory stays', {
    skip: skipWithoutApache,
  }, async (t) => {
    const { url, root, pid, stop } = await startApache((sites[0] as BuiltSite).out);
    t.after(stop);
    const swap = async ({ out }: BuiltSite) => {
      const id = await copyBuild(out, path.join(root, 'marketplace'));
      process.kill(pid, 'SIGUSR1');
      assert.ok(await waitForSnapshot(url, id, AbortSignal.timeout(15_000)));
    };
    const [graceMs, toleranceBytes] = [3000, 16 * MIB];
    const victim = { url, pid, targets: DECIDED_TARGETS, swap, graceMs, toleranceBytes };
    await trouble(t, victim, sites);
  });

  test('HAProxy gives no wrong answer, fails none, and its memory stays', {
    skip: skipWithoutHaproxy,
  }, async (t) => {
    const dir = await makeReadableFolder();
    t.after(() => rm(dir, { recursive: true }));
    await cp((sites[0] as BuiltSite).out, dir, { recursive: true });
    // A master, which starts a new worker when it is told to.
    const { url, pid, stop } = await startHaproxy(dir, { flags: ['-W'] });
    t.after(stop);
    const swap = swapBy(dir, url, async () => void process.kill(pid, 'SIGUSR2'));
    const [graceMs, toleranceBytes] = [1000, 8 * MIB];
    const victim = { url, pid, targets: DECIDED_TARGETS, swap, graceMs, toleranceBytes };
    await trouble(t, victim, sites);
  });

  test('Caddy gives no wrong answer, fails none, and its memory stays', {
    skip: skipWithoutCaddy,
  }, async (t) => {
    const dir = await makeReadableFolder();
    t.after(() => rm(dir, { recursive: true }));
    await cp((sites[0] as BuiltSite).out, dir, { recursive: true });
    const { url, pid, reload, stop } = await startCaddy(dir);
    t.after(stop);
    const [graceMs, toleranceBytes] = [1000, 32 * MIB];
    const swap = swapBy(dir, url, reload);
    const rest = { swap, graceMs, toleranceBytes, closesNew: true };
    const victim = { url, pid, targets: DECIDED_TARGETS, ...rest };
    await trouble(t, victim, sites);
  });

  test('the embedded server gives no wrong answer, fails none, and its memory stays', async (t) => {
    const folder = await makeReadableFolder();
    t.after(() => rm(folder, { recursive: true }));
    const dir = path.join(folder, 'dist');
    await cp((sites[0] as BuiltSite).out, dir, { recursive: true });
    const program = path.resolve(import.meta.dirname, '../../build/serve/serve.ts');
    // With little memory to be lavish with, what it has is what it needs.
    const flags = ['--max-old-space-size=64', '--max-semi-space-size=4', '--import', 'tsx'];
    const child = spawn(process.execPath, [...flags, program, '--dir', dir, '--port', '0'], {
      cwd: path.dirname(path.dirname(program)),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [line] = await once(child.stdout, 'data');
    const url = /http:\S+/.exec(String(line))?.[0] ?? '';
    const swap = async ({ out }: BuiltSite) => {
      await replaceFolder(dir, (next) => cp(out, next, { recursive: true }));
    };
    // It looks for a new build every second.
    const victim = { url, pid: child.pid ?? 0, swap, graceMs: 2500, toleranceBytes: 24 * MIB };
    await trouble(t, victim, sites);
    assert.equal(child.exitCode, null, 'it runs to the end');
  });
});
