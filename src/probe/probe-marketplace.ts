import type { Release } from '../catalog/release.ts';
import type { VerificationKey } from '../curation/signatures/read-keys.ts';
import { UserError } from '../lib/errors.ts';
import { showUrl } from '../lib/http/web-error.ts';
import { candidateVersions } from '../query/audience/space.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import type { Snapshot } from '../snapshot/parse-snapshot.ts';
import { readMarketplace } from '../upstream/marketplace/read-marketplace.ts';
import { type Answer, headerOf } from './ask/answer.ts';
import { AskError, toAskError } from './ask/ask-error.ts';
import { Asker, type AskerOptions, Budget } from './ask/asker.ts';
import { type Address, type Lookup, lookupAs } from './ask/connections.ts';
import { checkAddresses, isOfThisMachine } from './checks/check-addresses.ts';
import { type Age, checkAge } from './checks/check-age.ts';
import { isRedirect, typeOf } from './checks/check-answer.ts';
import { checkBuild } from './checks/check-build.ts';
import { type BundlesReport, checkBundles } from './checks/check-bundles.ts';
import {
  type CertificateReport,
  judgeCertificate,
  readCertificate,
} from './checks/check-certificate.ts';
import { checkRoutes } from './checks/check-routes.ts';
import { checkServers, type ServersReport } from './checks/check-servers.ts';
import { comparePlugins } from './checks/compare-plugins.ts';
import { compareWithCatalog } from './checks/expected-answers.ts';
import type { Probing } from './checks/probing.ts';
import { type Finding, Findings } from './findings.ts';

export interface ProbeOptions {
  /** As in `MarketplaceURL`, perhaps with user and password. */
  readonly url: string;
  readonly now: Date;
  readonly lookup: Lookup;
  /** Instead of those that the name has. */
  readonly addresses: readonly string[];
  /** Certificates of authorities of one's own, in PEM. */
  readonly authorities: readonly string[];
  /** A build that must be there, and how it is called. */
  readonly build?: { readonly snapshot: Snapshot; readonly label: string };
  /** The catalog that must be there, and how it is called. */
  readonly catalog?: { readonly releases: readonly Release[]; readonly label: string };
  readonly keys: readonly VerificationKey[];
  readonly mostVerified: number;
  /** For downloads; its owner removes it. */
  readonly folder: string;
  readonly maxAgeDays?: number;
  readonly warnDays: number;
  readonly slowMs: number;
  readonly answerMs: number;
  readonly mostRequests: number;
  readonly mostMs: number;
  readonly concurrency: number;
  readonly onProgress: (what: string) => void;
}

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

/** A marketplace that does not answer at all. */
export class UnaskedError extends UserError {
  override readonly name = 'UnaskedError';
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
  const first = await probeOnce(options);
  return first.hasChanged ? (await probeOnce(options)).report : first.report;
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
    return { report, hasChanged: before !== after };
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
  const own = await readOwnCatalog(probing);
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

/** Connects to every address, and finds out who answers. */
async function contact(options: ProbeOptions, findings: Findings, budget: Budget) {
  const { url: given, now, warnDays } = options;
  const { base, authorization } = splitUrl(given);
  const { hostname, protocol, port } = new URL(base);
  const host = hostname.replace(/^\[|\]$/g, '');
  const lookup =
    options.addresses.length > 0
      ? lookupAs(host, options.addresses, options.lookup)
      : options.lookup;
  const addresses = await lookup(host).catch((error: unknown) => {
    throw new UnaskedError(`${base} ${toAskError(base, error).message}`);
  });
  const shown = protocol === 'https:' ? await readCertificates() : null;
  const isSound = findings.list().every(({ check }) => !/^certificate-(?!expires)/.test(check));
  if (!isSound && authorization !== '') {
    throw new UnaskedError(
      `${base} is not asked: its certificate is not good, and so the password is not sent`,
      findings.list().map(({ level, check, message }) => ({ level, check, message })),
    );
  }
  const asker = new Asker({
    ...{ base, authorization, budget, findings, lookup },
    ...{ authorities: options.authorities, concurrency: options.concurrency },
    ...{ answerMs: options.answerMs, slowMs: options.slowMs },
    acceptsAnyCertificate: !isSound,
  });
  const found = await recognize(asker, findings).catch((error: unknown) => {
    asker.close();
    if (!(error instanceof AskError)) throw error;
    throw new UnaskedError(`${base} ${error.message}: check the address and the network`);
  });
  return {
    probing: { asker: found.asker, findings, isOurs: found.isOurs, now },
    addresses,
    certificate: shown,
  };

  async function readCertificates(): Promise<CertificateReport | null> {
    let report: CertificateReport | null = null;
    const failures: AskError[] = [];
    for (const { address } of addresses) {
      const where = addresses.length > 1 ? `the certificate at ${address}` : 'the certificate';
      try {
        const certificate = await readCertificate({
          ...{ host, address, port: Number(port || 443), authorities: options.authorities },
          limitMs: options.answerMs,
        });
        const judged = judgeCertificate(certificate, { findings, now, warnDays, where });
        report ??= judged;
      } catch (error) {
        if (!(error instanceof AskError)) throw error;
        failures.push(error);
        if (isOfThisMachine(error, host)) continue;
        findings.add({ check: error.check, message: `${error.message}, at ${address}` }, where);
      }
    }
    const [failure] = failures;
    if (report === null && failure) throw new UnaskedError(`${base} ${failure.message}`);
    return report;
  }
}

/** The address without its user, and the header for that. */
function splitUrl(given: string): { base: string; authorization: string } {
  const url = new URL(given);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const pair = [username, password].map(decodeURIComponent).join(':');
  return {
    base: url.href.replace(/\/+$/, ''),
    authorization: pair === ':' ? '' : `Basic ${Buffer.from(pair).toString('base64')}`,
  };
}

/** Finds out whether a build of this project answers, by what others do not have. @throws {AskError} if nothing answers */
async function recognize(asker: Asker, findings: Findings) {
  const labels = await asker.tryToAsk({ target: '/api/v1/labels' });
  const upgraded = labels && upgradeOf(labels, asker.options);
  if (upgraded) {
    const message = `redirects to ${upgraded}: use that address, in MarketplaceURL too`;
    findings.add({ level: 'warning', check: 'redirect', message }, 'GET /api/v1/labels');
    asker.close();
    const next = new Asker({ ...asker.options, base: upgraded });
    return { asker: next, isOurs: await isOfOurs(next) };
  }
  return { asker, isOurs: await isOfOurs(asker) };
}

/** Where a marketplace has moved to: the same path by https. */
function upgradeOf(answer: Answer, { base, authorization }: AskerOptions): string | null {
  const location = headerOf(answer, 'location');
  if (!isRedirect(answer) || authorization !== '' || !URL.canParse(location, base)) return null;
  const to = new URL(location, base).href;
  const isUpgrade = base.startsWith('http:') && to.startsWith('https:');
  return isUpgrade && to.endsWith('/api/v1/labels') ? to.slice(0, -'/api/v1/labels'.length) : null;
}

async function isOfOurs(asker: Asker): Promise<boolean> {
  const ask = (method: 'GET' | 'HEAD', target: string) =>
    asker.tryToAsk({ method, target }).catch((error: unknown) => {
      if (error instanceof AskError) return null;
      throw error;
    });
  const refusal = await ask('GET', '/api/v1/plugins?page=x');
  if (refusal?.status === 400 && /"allowed":/.test(refusal.body.toString())) return true;
  const catalog = await ask('HEAD', '/catalog.json');
  return catalog?.status === 200 && typeOf(catalog) === 'application/json';
}

/** Changes when the contents do. */
async function fingerprint({ asker, isOurs }: Probing): Promise<string> {
  if (!isOurs) return '';
  const asked = { method: 'HEAD' as const, target: '/catalog.json' };
  const answer = await asker.tryToAsk(asked).catch(() => null);
  return answer === null ? '' : `${answer.status} ${headerOf(answer, 'etag')}`;
}

/** The catalog that the marketplace gives; null where it gives none, which is reported. */
async function readOwnCatalog({ asker, findings }: Probing): Promise<readonly Release[] | null> {
  const { base, budget } = asker.options;
  try {
    const read = await readMarketplace({ url: base, web: asker.web, mayBeEmpty: true });
    for (const { release = '', message } of read.warnings) {
      const told = `${release} ${message}`.trim();
      findings.add({ level: 'warning', check: 'odd-entry', message: told }, 'the catalog');
    }
    return read.releases;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (budget.unasked > 0) return null;
    const message = error.message.replace(/\s+/g, ' ');
    findings.add({ check: 'catalog', message }, 'the catalog');
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
