import { lookup as lookupName } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';

/** An address of a host. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Gives all addresses of a host. */
export type Lookup = (host: string) => Promise<readonly Address[]>;

/** How hosts are connected to. */
export interface ConnectionOptions {
  readonly lookup: Lookup;
  /** The authorities that are trusted, in PEM, besides the usual ones. */
  readonly authorities: readonly string[];
  /** Connections to a host at a time. */
  readonly concurrency: number;
  /** Whether a certificate that a server would refuse is accepted: it is a finding already. */
  readonly acceptsAnyCertificate?: boolean;
}

/** Connections that are kept for further requests. */
export interface Connections {
  /** @param isFresh for a connection of its own */
  agentFor(url: string, isFresh: boolean): http.Agent;
  close(): void;
}

/** The addresses of a host, as the system finds them. */
export const LOOKUP: Lookup = (host) => lookupName(host, { all: true });

/** Gives certain addresses for one host. */
export function lookupAs(host: string, addresses: readonly string[], others: Lookup): Lookup {
  const fixed = addresses.map((address) => ({ address, family: isIP(address) }));
  return async (asked) => (asked === host ? fixed : await others(asked));
}

/** The certificates that are trusted; undefined: those that Node trusts by itself. */
export function trusted(authorities: readonly string[]): string[] | undefined {
  return authorities.length === 0 ? undefined : [...rootCertificates, ...authorities];
}

/** Opens connections, and keeps them for further requests. */
export function openConnections(options: ConnectionOptions): Connections {
  const { lookup, authorities, concurrency, acceptsAnyCertificate = false } = options;
  const ca = trusted(authorities);
  const agentsOf = (keepAlive: boolean) => {
    const shared = { keepAlive, maxSockets: concurrency, lookup: toNodeLookup(lookup) };
    const rejectUnauthorized = !acceptsAnyCertificate;
    const tls = { ...shared, rejectUnauthorized, ...(ca === undefined ? {} : { ca }) };
    return { http: new http.Agent(shared), https: new https.Agent(tls) };
  };
  const [kept, fresh] = [agentsOf(true), agentsOf(false)];
  return {
    agentFor: (url, isFresh) => (isFresh ? fresh : kept)[isTls(url) ? 'https' : 'http'],
    close: () => {
      for (const agents of [kept, fresh]) {
        agents.http.destroy();
        agents.https.destroy();
      }
    },
  };
}

/** Whether an address is asked by TLS. */
export const isTls = (url: string): boolean => url.startsWith('https:');

function toNodeLookup(lookup: Lookup): LookupFunction {
  return (host, { all }, found) => {
    lookup(host).then(
      (addresses) => {
        const [first] = addresses;
        if (all) found(null, [...addresses]);
        else if (first) found(null, first.address, first.family);
        else found(Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' }), '', 4);
      },
      (error: Error) => found(error, '', 4),
    );
  };
}
