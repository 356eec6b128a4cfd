import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { showUrl } from '../../src/lib/http/web-error.ts';
import { showValue } from '../../src/lib/json/finding.ts';
import { splitUserInfo } from '../../src/lib/json/user-info.ts';
import { LOOKUP } from '../../src/probe/ask/connections.ts';
import { formatReport } from '../../src/probe/format-report.ts';
import { type ProbeReport, probeMarketplace } from '../../src/probe/probe-marketplace.ts';
import { isWebAddress } from '../../src/settings/setting.ts';
import { readKeys } from '../../src/signatures/read-keys.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { runProgram } from '../cli/cli.ts';
import { type CommandContext, defineCommand, locate } from '../cli/command.ts';
import { inFolder } from '../cli/in-folder.ts';
import { formatJson } from '../cli/print.ts';

/** A server gives up after so long (docs/mattermost.md, Requests). */
const ANSWER_MS = 30_000;

export const probe = defineCommand({
  call: 'npm run probe',
  summary: 'Asks a marketplace what servers ask, and reports what is wrong',
  details:
    'For cron and monitors, and for any marketplace: of this project, or another one with the same API. It changes nothing there.',
  operands: 'URL',
  operandsRemedy: 'name one marketplace, as in MarketplaceURL: https://marketplace.example.com',
  flags: {
    dir: { value: 'folder', help: 'the build that must be there, such as dist' },
    catalog: {
      value: 'file',
      isRepeatable: true,
      help: 'the catalog that must be there, such as plugins.json',
    },
    key: {
      value: 'file',
      isRepeatable: true,
      help: 'a public key that the servers have: bundles are downloaded and verified',
    },
    snapshotKey: {
      value: 'file',
      isRepeatable: true,
      help: 'a public key of its publisher: what it has must be signed with it',
    },
    bundles: {
      value: 'n',
      fallback: '3',
      help: 'with --key, how many to download, each hour others; or all',
    },
    maxAge: { value: 'days', help: 'the newest release may be so old' },
    warnDays: {
      value: 'days',
      fallback: '14',
      help: 'the certificate, and what is signed, must be valid for so long',
    },
    slow: { value: 'ms', fallback: '5000', help: 'an answer may take so long' },
    maxSeconds: { value: 'seconds', fallback: '120', help: 'the probe may take so long' },
    maxRequests: { value: 'n', fallback: '500', help: 'requests to send at most' },
    concurrency: { value: 'n', fallback: '4', help: 'requests at a time' },
    address: {
      value: 'ip',
      isRepeatable: true,
      help: 'ask there, instead of at the addresses that the name has',
    },
    ca: {
      value: 'file',
      isRepeatable: true,
      help: 'the certificate of an authority of your own, as PEM',
    },
    strict: { help: 'warnings count as faults' },
    json: { help: 'the report as JSON' },
  },
  notes: `Exit codes: 0 all is good, 1 something is wrong, 2 it could not be asked.
A user and password in URL are sent as servers send them, and never shown.`,
  example: 'npm run probe -- https://marketplace.example.com --dir dist --key mattermost.asc',
  action: async ({ operands: [url = ''], flags }, context) => {
    const { print, status } = context;
    try {
      const found = await runProbe(url, flags, context);
      const report = flags.strict ? withoutWarnings(found) : found;
      status.clear();
      const isGood = report.findings.every(({ level }) => level === 'warning');
      const result = isGood ? 'good' : 'faulty';
      print(flags.json ? formatJson({ result, ...report }) : formatReport(report));
      return isGood ? 0 : 1;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      status.clear();
      const reason = error.message;
      if (flags.json) print(formatJson({ result: 'unasked', url: showUrl(url), reason }));
      else context.report(`error: ${reason}`);
      return 2;
    }
  },
});

await runProgram(import.meta.url, probe);

/** The same with warnings as faults. */
function withoutWarnings(report: ProbeReport): ProbeReport {
  const findings = report.findings.map((finding) => ({ ...finding, level: 'error' as const }));
  return { ...report, findings };
}

/** The values of the flags, as far as they are texts. */
interface ProbeFlags {
  readonly dir: string | undefined;
  readonly catalog: readonly string[];
  readonly key: readonly string[];
  readonly snapshotKey: readonly string[];
  readonly bundles: string;
  readonly maxAge: string | undefined;
  readonly warnDays: string;
  readonly slow: string;
  readonly maxSeconds: string;
  readonly maxRequests: string;
  readonly concurrency: string;
  readonly address: readonly string[];
  readonly ca: readonly string[];
}

async function runProbe(
  url: string,
  flags: ProbeFlags,
  context: CommandContext,
): Promise<ProbeReport> {
  const { cwd, web, now, status } = context;
  if (!isWebAddress(splitUserInfo(url).url)) {
    throw new UsageError(
      `${showValue(url)} is not the address of a marketplace: begin with https://, and escape what a password has of /, ? and #`,
    );
  }
  const { dir, catalog, maxAge, address, bundles } = flags;
  const other = address.find((each) => isIP(each) === 0);
  if (other !== undefined) throw new UsageError(`--address takes an IP address, not ${other}`);
  const limits = {
    warnDays: toNumber('warn-days', flags.warnDays, 0),
    slowMs: toNumber('slow', flags.slow, 1),
    mostMs: 1000 * toNumber('max-seconds', flags.maxSeconds, 1),
    mostRequests: toNumber('max-requests', flags.maxRequests, 50),
    concurrency: toNumber('concurrency', flags.concurrency, 1),
    answerMs: Math.min(ANSWER_MS, web.limitMs),
    ...(maxAge === undefined ? {} : { maxAgeDays: toNumber('max-age', maxAge, 0) }),
  };
  const build = dir === undefined ? {} : { build: await readBuild(locate(dir, context), dir) };
  const expected =
    catalog.length === 0
      ? {}
      : { catalog: { ...(await readCatalog(catalog, { cwd })), label: catalog.join(', ') } };
  const keys = await readKeys(flags.key, cwd);
  const snapshotKeys = await readKeys(flags.snapshotKey, cwd);
  const authorities = await Promise.all(flags.ca.map((file) => readAuthority(file, cwd)));
  const mostVerified =
    bundles === 'all' ? Number.POSITIVE_INFINITY : toNumber('bundles', bundles, 0);
  return await inFolder((folder) =>
    probeMarketplace({
      ...{ url, now: now(), lookup: LOOKUP, addresses: address, authorities, keys, folder },
      snapshotKeys,
      ...{ ...limits, ...build, ...expected, mostVerified },
      onProgress: (what) => status.show(what),
    }),
  );
}

async function readBuild(folder: string, label: string) {
  return { snapshot: (await readSnapshot(folder)).snapshot, label };
}

async function readAuthority(file: string, cwd: string): Promise<string> {
  const text = await readFile(path.resolve(cwd, file), 'utf8').catch(() => '');
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UserError(`${file} holds no certificate: name a file in PEM with --ca`);
}

function toNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= least) return number;
  throw new UsageError(`--${flag} takes a whole number from ${least} on, not ${text}`);
}
