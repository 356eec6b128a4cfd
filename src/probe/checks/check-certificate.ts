import { isIP } from 'node:net';
import tls, { type DetailedPeerCertificate } from 'node:tls';
import { errorCode } from '../../lib/errors.ts';
import { AskError, toAskError } from '../ask/ask-error.ts';
import { trusted } from '../ask/connections.ts';
import type { Findings } from '../findings.ts';
import { DAY_MS } from './check-age.ts';

/** The certificate that a server shows. */
export interface ShownCertificate {
  /** From the server's own to the one below the root, as far as the server sends them. */
  readonly chain: readonly DetailedPeerCertificate[];
  /** Why no chain leads to an authority that is trusted; empty if one does. */
  readonly untrusted: string;
  /** Why it is not for the host; empty if it is. */
  readonly misnamed: string;
}

export interface ReadCertificateOptions {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  readonly authorities: readonly string[];
  readonly limitMs: number;
}

/** Reads the certificate at an address, whatever it is worth. @throws {AskError} if there is none */
export async function readCertificate({
  host,
  port,
  address,
  authorities,
  limitMs,
}: ReadCertificateOptions): Promise<ShownCertificate> {
  const ca = trusted(authorities);
  const socket = tls.connect({
    host: address,
    port,
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  });
  const slow = new AskError('slow', `makes no TLS connection in ${limitMs / 1000} s`, 'ETIMEDOUT');
  const timer = setTimeout(() => socket.destroy(slow), limitMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).on('error', reject);
    });
    const certificate = socket.getPeerCertificate(true);
    const { authorizationError } = socket;
    return {
      chain: chainOf(certificate),
      untrusted: explainUntrusted(authorizationError),
      misnamed: explainMisnamed(host, certificate),
    };
  } catch (error) {
    throw toAskError(`https://${host}`, error);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function chainOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain = [certificate];
  for (let next = certificate.issuerCertificate; next; next = next.issuerCertificate) {
    // A root is its own issuer.
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next.fingerprint256)) break;
    chain.push(next);
  }
  return chain;
}

/** Expiry and names are judged by themselves, so that one fault does not hide another. */
function explainUntrusted(error: Error | string | undefined | null): string {
  const code = error instanceof Error ? errorCode(error) : `${error ?? ''}`;
  if (/^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|)$/.test(code)) return '';
  return code;
}

/** Go, and so a Mattermost server, does not look at the common name. */
function explainMisnamed(host: string, certificate: DetailedPeerCertificate): string {
  if (!certificate.subjectaltname) return 'has no subjectAltName';
  return tls.checkServerIdentity(host, certificate)
    ? `is for ${certificate.subjectaltname.replace(/\b(DNS|IP Address):/g, '')}, not for ${host}`
    : '';
}

/** What a report shows of a certificate. */
export interface CertificateReport {
  readonly names: string;
  readonly issuer: string;
  /** When the first of the chain expires, in ISO form. */
  readonly expires: string;
  /** Whole days until then. */
  readonly days: number;
}

export interface JudgeCertificateOptions {
  readonly findings: Findings;
  readonly now: Date;
  /** Fewer days of validity are a fault. */
  readonly warnDays: number;
  /** How findings name it. */
  readonly where: string;
}

/** Reports what keeps servers from accepting a certificate, or soon will. */
export function judgeCertificate(
  { chain, untrusted, misnamed }: ShownCertificate,
  { findings, now, warnDays, where }: JudgeCertificateOptions,
): CertificateReport {
  const report = (check: string, message: string, remedy: string) =>
    findings.add({ check, message, remedy }, where);
  const [own] = chain;
  const ends = chain.map(({ valid_to }) => Date.parse(valid_to));
  const expires = new Date(Math.min(...ends));
  const days = Math.floor((expires.getTime() - now.getTime()) / DAY_MS);
  const day = expires.toISOString().slice(0, 10);
  const begins = Date.parse(own?.valid_from ?? '');
  if (expires <= now) {
    report('certificate-expired', `has expired on ${day}`, 'renew it, and reload the host');
  } else if (days < warnDays) {
    report('certificate-expires', `expires on ${day}, in ${days} days`, 'renew it in time');
  }
  if (begins > now.getTime()) {
    const since = new Date(begins).toISOString();
    report('certificate-expired', `is valid from ${since} on only`, 'compare the clocks');
  }
  if (misnamed !== '') {
    report('certificate-name', misnamed, 'get one whose subjectAltName has the host');
  }
  if (untrusted !== '') {
    const message = `is not trusted (${untrusted})`;
    const remedy = 'send the whole chain, or name an authority of your own with --ca';
    report('certificate-chain', message, remedy);
  }
  return {
    names: own?.subjectaltname ?? '',
    issuer: [own?.issuer?.O, own?.issuer?.CN].filter(Boolean).join(', '),
    expires: expires.toISOString(),
    days,
  };
}
