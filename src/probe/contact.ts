import { UserError } from '../lib/errors.ts';
import { splitUserInfo } from '../lib/json/user-info.ts';
import { type Answer, headerOf } from './ask/answer.ts';
import { AskError, toAskError } from './ask/ask-error.ts';
import { Asker, type AskerOptions, type Budget } from './ask/asker.ts';
import { type Address, isTls, lookupAs } from './ask/connections.ts';
import { isOfThisMachine } from './checks/check-addresses.ts';
import { isRedirect, typeOf } from './checks/check-answer.ts';
import {
  type CertificateReport,
  judgeCertificate,
  readCertificate,
} from './checks/check-certificate.ts';
import type { Findings } from './findings.ts';
import type { ProbeOptions } from './probe-options.ts';

/** A marketplace that does not answer at all. */
export class UnaskedError extends UserError {
  override readonly name = 'UnaskedError';
}

/** No name has more that matter. */
const MOST_ADDRESSES = 8;

/** Connects to every address, and finds out who answers. */
export async function contact(options: ProbeOptions, findings: Findings, budget: Budget) {
  const { url: given, now, build } = options;
  const { url, authorization } = splitUserInfo(given);
  const base = new URL(url).href.replace(/\/+$/, '');
  const host = hostOf(base);
  const lookup =
    options.addresses.length > 0
      ? lookupAs(host, options.addresses, options.lookup)
      : options.lookup;
  const all = await lookup(host).catch((error: unknown) => {
    throw new UnaskedError(`${base} ${toAskError(base, error).message}`);
  });
  const addresses = all.slice(0, MOST_ADDRESSES);
  const certificate = isTls(base)
    ? await checkCertificates(base, addresses, options, findings)
    : null;
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
    // A build that must be there is ours, even if none of it is recognized.
    probing: { asker: found.asker, findings, isOurs: found.isOurs || build !== undefined, now },
    addresses,
    certificate,
  };
}

/** Judges the certificates of all addresses. @throws {UnaskedError} if none shows one @returns the first */
async function checkCertificates(
  base: string,
  addresses: readonly Address[],
  { now, warnDays, authorities, answerMs }: ProbeOptions,
  findings: Findings,
): Promise<CertificateReport> {
  const { port } = new URL(base);
  const host = hostOf(base);
  const shown = await Promise.all(
    addresses.map(async ({ address }) => {
      const where = addresses.length > 1 ? `the certificate at ${address}` : 'the certificate';
      const asked = { host, address, port: Number(port || 443), authorities, limitMs: answerMs };
      try {
        return { where, certificate: await readCertificate(asked) };
      } catch (error) {
        if (!(error instanceof AskError)) throw error;
        return { where, error };
      }
    }),
  );
  const failures = shown.flatMap(({ where, error }) => (error ? [{ where, error }] : []));
  const reports = shown.flatMap(({ where, certificate }) =>
    certificate ? judgeCertificate(certificate, { findings, now, warnDays, where }) : [],
  );
  const [report] = reports;
  if (report === undefined) throw new UnaskedError(`${base} ${failures[0]?.error.message}`);
  for (const { where, error } of failures) {
    if (isOfThisMachine(error, host)) continue;
    findings.add({ check: error.check, message: error.message }, where);
  }
  return report;
}

/** As names are compared: without the brackets of an IPv6 address. */
function hostOf(base: string): string {
  return new URL(base).hostname.replace(/^\[|\]$/g, '');
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
