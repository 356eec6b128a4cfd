import { BlockList, isIP } from 'node:net';

/** The settings that decide whether a server connects to an address. */
export interface AddressSettings {
  /** `ServiceSettings.AllowedUntrustedInternalConnections`. */
  readonly allowedInternal: string;
  /** The addresses of the server's own interfaces. */
  readonly ownAddresses: readonly string[];
}

/**
 * Why a server does not ask a marketplace for its plugins: its host's addresses are forbidden. This applies to these
 * requests only, not to the download of bundles.
 *
 * Sources: server/platform/services/marketplace/client.go, server/public/shared/httpservice/httpservice.go and client.go.
 *
 * @param host of `MarketplaceURL`, as it is written there, without port and brackets
 * @param addresses what its name resolves to
 * @returns null if it asks
 */
export function explainForbidden(
  host: string,
  addresses: readonly string[],
  { allowedInternal, ownAddresses }: AddressSettings,
): string | null {
  // Compared as they are written: not `LOCALHOST`, `127.0.0.2` or `::1`.
  if (host === 'localhost' || host === '127.0.0.1') return null;
  const allowed = allowedInternal.split(/[\s,]+/);
  if (allowed.includes(host)) return null;
  const ranges = blockList(allowed.filter((entry) => entry.includes('/')));
  const reasons = addresses.map((address) => {
    if (holds(ranges, address)) return null;
    if (holds(RESERVED, address)) return `${address} is in a reserved range`;
    return ownAddresses.includes(address) ? `${address} is an address of the server itself` : null;
  });
  // One that is allowed is enough.
  if (reasons.includes(null)) return null;
  return `${reasons.join(', ')} and not in AllowedUntrustedInternalConnections`;
}

const RESERVED = blockList([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', '::1/128', '64:ff9b::/96', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['fc00::/7', 'fe80::/10', 'ff00::/8'],
]);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix = ''] = range.split('/');
    const version = isIP(address);
    const bits = Number(prefix);
    const isRange = version !== 0 && /^\d+$/.test(prefix) && bits <= (version === 4 ? 32 : 128);
    if (isRange) list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
