import type { Release } from '../catalog/release.ts';
import { UserError } from '../lib/errors.ts';
import { showUrl } from '../lib/http/web-error.ts';
import { candidateVersions } from '../query/audience/space.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { readMarketplace } from '../upstream/marketplace/read-marketplace.ts';
import { headerOf, MOST_CATALOG_BYTES } from './ask/answer.ts';
import { Budget } from './ask/asker.ts';
import type { Address } from './ask/connections.ts';
import { checkAddresses } from './checks/check-addresses.ts';
import { type Age, checkAge } from './checks/check-age.ts';
import { checkBuild } from './checks/check-build.ts';
import { type BundlesReport, checkBundles } from './checks/check-bundles.ts';
import type { CertificateReport } from './checks/check-certificate.ts';
import { checkRoutes } from './checks/check-routes.ts';
import { checkServers, type ServersReport } from './checks/check-servers.ts';
import { checkSigned } from './checks/check-signed.ts';
import { comparePlugins } from './checks/compare-plugins.ts';
import { compareWithCatalog } from './checks/expected-answers.ts';
import type { Probing } from './checks/probing.ts';
import { contact } from './contact.ts';
import { type Finding, Findings } from './findings.ts';
import type { ProbeOptions } from './probe-options.ts';

/** The result of a probe. */
export interface ProbeReport {
  /** Without user and password. */
  readonly url: string;
  /** Whether a build of this project answers; others are judged by what servers need. */
  readonly isOurs: boolean;
  readonly addresses: readonly string[];
  readonly certificate: CertificateReport | null;
  /** Null if nothing tells it. */
  readonly age: Age | null;
  /** Null if the catalog cannot be read. */
  readonly releases: number | null;
  readonly servers: ServersReport;
  readonly bundles: BundlesReport;
  /** How many answers were compared with the build. */
  readonly comparedWithBuild: number;
  readonly requests: number;
  readonly ms: number;
  readonly findings: readonly Finding[];
}

/** The parts of the requests that lists, installations and bundles get. */
const SHARES = { lists: 0.4, installs: 0.25, bundles: 0.15 };

/**
 * Asks a marketplace all that servers ask, and reports what is wrong. If its contents change meanwhile, as in a deploy, it asks
 * once more.
 *
 * @throws {UnaskedError} if it does not answer at all
 */
export async function probeMarketplace(options: ProbeOptions): Promise<ProbeReport> {
  const { report, hasChanged } = await probeOnce(options);
  const leftMs = options.mostMs - report.ms;
  if (!hasChanged || leftMs < report.ms) return report;
  return (await probeOnce({ ...options, mostMs: leftMs })).report;
}

async function probeOnce(options: ProbeOptions) {
  const startedAt = performance.now();
  const findings = new Findings();
  const budget = new Budget(options.mostRequests, AbortSignal.timeout(options.mostMs));
  const site = await contact(options, findings, budget);
  try {
    const { probing, addresses, certificate } = site;
    const before = await fingerprint(probing);
    const contents = await checkContents(options, probing, addresses);
    const after = await fingerprint(probing);
    if (budget.unasked > 0) reportUnasked(options, findings, budget);
    const report: ProbeReport = {
      url: showUrl(options.url),
      isOurs: probing.isOurs,
      addresses: addresses.map(({ address }) => address),
      certificate,
      ...contents,
      requests: budget.requests,
      ms: Math.round(performance.now() - startedAt),
      findings: findings.list(),
    };
    return { report, hasChanged: before !== after && before !== '' && after !== '' };
  } finally {
    site.probing.asker.close();
  }
}

async function checkContents(
  options: ProbeOptions,
  probing: Probing,
  addresses: readonly Address[],
): Promise<Pick<ProbeReport, 'age' | 'releases' | 'servers' | 'bundles' | 'comparedWithBuild'>> {
  const { onProgress, build, mostRequests } = options;
  const { asker, findings } = probing;
  onProgress('asking every route');
  await checkRoutes(probing);
  await checkAddresses(asker.options, addresses, findings);
  const comparedWithBuild = build ? await checkBuild(probing, build.snapshot, build.label) : 0;
  onProgress('reading the catalog');
  const own = await readOwnCatalog(probing, options);
  if (own) compareCatalogs(own, options, probing);
  if (own?.length === 0 && options.catalog?.releases.length !== 0) {
    findings.add({ check: 'empty', message: 'lists no plugin' }, 'the catalog');
  }
  const list = await asker.ask({ target: '/api/v1/plugins' });
  const age = own
    ? checkAge(own, list ? headerOf(list, 'last-modified') : '', {
        ...{ findings, now: options.now, maxDays: options.maxAgeDays },
      })
    : null;
  const known = own ?? options.catalog?.releases;
  onProgress('asking as servers do');
  const servers = await checkServers(probing, {
    steps: known ? candidateVersions(indexCatalog(known)) : [],
    mostLists: Math.floor(SHARES.lists * mostRequests),
    mostInstalls: Math.floor(SHARES.installs * mostRequests),
    compare: known
      ? compareWithCatalog(known, { isOurs: probing.isOurs, source: own ? OWN : 'the catalog' })
      : () => [],
  });
  onProgress('asking for bundles');
  const bundles = await checkBundles(probing, known ?? [], {
    ...options,
    most: Math.floor(SHARES.bundles * mostRequests),
  });
  return { age, releases: own?.length ?? null, servers, bundles, comparedWithBuild };
}

/** How findings call the catalog that the marketplace itself gives. */
const OWN = "the marketplace's own catalog";

/** Changes when the contents do. */
async function fingerprint({ asker, isOurs }: Probing): Promise<string> {
  if (!isOurs) return '';
  const asked = { method: 'HEAD' as const, target: '/catalog.json' };
  const answer = await asker.tryToAsk(asked).catch(() => null);
  return answer === null ? '' : `${answer.status} ${headerOf(answer, 'etag')}`;
}

/** The catalog that the marketplace gives; null where it gives none, which is reported. */
async function readOwnCatalog(
  { asker, findings, now }: Probing,
  { snapshotKeys, warnDays, build }: ProbeOptions,
): Promise<readonly Release[] | null> {
  const isPinned = snapshotKeys.length > 0;
  const { base, budget } = asker.options;
  try {
    const read = await readMarketplace({
      ...{ url: base, web: asker.web, mayBeEmpty: true, mostBytes: MOST_CATALOG_BYTES },
      ...(isPinned && { pin: { keys: snapshotKeys, now, flag: '--snapshot-key' } }),
    });
    if (read.signed) checkSigned(read.signed, { findings, now, warnDays, build });
    for (const { release = '', message } of read.warnings) {
      const told = `${release} ${message}`.trim();
      findings.add({ level: 'warning', check: 'odd-entry', message: told }, 'the catalog');
    }
    return read.releases;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (budget.unasked > 0) return null;
    const message = error.message.replace(/\s+/g, ' ');
    findings.add({ check: isPinned ? 'signature' : 'catalog', message }, 'the catalog');
    return null;
  }
}

function compareCatalogs(
  own: readonly Release[],
  { catalog }: ProbeOptions,
  { findings, isOurs }: Probing,
) {
  if (catalog === undefined) return;
  const options = { isOurs, source: catalog.label };
  for (const fault of comparePlugins(own, catalog.releases, options)) {
    // Ours gives its catalog plugin by plugin, and a file may have another order.
    if (fault.check !== 'order') findings.add(fault, 'the catalog');
  }
}

function reportUnasked({ mostMs }: ProbeOptions, findings: Findings, budget: Budget) {
  const isLate = budget.deadline.aborted;
  const message = isLate
    ? `is not asked to the end in ${mostMs / 1000} s: ${budget.unasked} requests are left`
    : `would take ${budget.unasked} requests more than the ${budget.mostRequests} allowed`;
  const remedy = isLate ? 'look why it is slow, or raise --max-seconds' : 'raise --max-requests';
  const level = isLate ? 'error' : 'warning';
  findings.add({ level, check: 'unfinished', message, remedy }, 'the probe');
}
