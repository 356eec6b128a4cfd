import { type Answer, digestOfAnswer, MOST_CATALOG_BYTES } from '../ask/answer.ts';
import { AskError } from '../ask/ask-error.ts';
import { Asker, type AskerOptions } from '../ask/asker.ts';
import { type Address, lookupAs } from '../ask/connections.ts';
import type { Findings } from '../findings.ts';

/** Requests whose answers show which snapshot an address has; the last two show every release of our builds, and of others. */
const TARGETS: readonly string[] = [
  '/api/v1/health',
  '/api/v1/labels',
  '/api/v1/plugins?server_version=99.0.0&platform=linux-amd64',
  '/catalog.json',
  '/api/v1/plugins?return_all_versions=true&enterprise_plugins=true&per_page=-1',
];

/** Compares the answers of all addresses of the host: a server asks any of them. */
export async function checkAddresses(
  options: AskerOptions,
  addresses: readonly Address[],
  findings: Findings,
): Promise<void> {
  if (addresses.length < 2) return;
  const views = await Promise.all(
    addresses.map(async ({ address }) => ({ address, answers: await askAt(options, address) })),
  );
  const [first, ...others] = views.filter(({ answers }) => answers.some((each) => each !== null));
  for (const { address, answers } of first ? others : []) {
    TARGETS.forEach((target, i) => {
      const [one, other] = [first?.answers[i], answers[i]];
      if (!one || !other || isSame(one, other)) return;
      const what = describeDifference(one, other);
      const message = `${address} answers otherwise than ${first?.address}: ${what}`;
      findings.add({ check: 'addresses-differ', message }, `GET ${target}`);
    });
  }
}

async function askAt(options: AskerOptions, address: string): Promise<(Answer | null)[]> {
  const { hostname } = new URL(options.base);
  const asker = new Asker({ ...options, lookup: lookupAs(hostname, [address], options.lookup) });
  try {
    const answers = TARGETS.map(async (target) => {
      try {
        return await asker.tryToAsk({ target, mostBytes: MOST_CATALOG_BYTES });
      } catch (error) {
        if (!(error instanceof AskError)) throw error;
        if (!isOfThisMachine(error, hostname)) {
          const { check, message } = error;
          options.findings.add({ check, message: `${message}, at ${address}` }, `GET ${target}`);
        }
        return null;
      }
    });
    return await Promise.all(answers);
  } finally {
    asker.close();
  }
}

/** Whether it is no fault of the marketplace: the machine has no IPv6, or a server listens on one address of localhost. */
export function isOfThisMachine({ code }: AskError, hostname: string): boolean {
  return hostname === 'localhost' || /^(ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL)$/.test(code);
}

function isSame(one: Answer, other: Answer): boolean {
  if (one.status !== other.status) return false;
  return one.status !== 200 || digestOfAnswer(one) === digestOfAnswer(other);
}

function describeDifference(one: Answer, other: Answer): string {
  if (one.status !== other.status) return `${other.status}, not ${one.status}`;
  const [a, b] = [newestOf(one), newestOf(other)];
  return a === b ? 'it has another snapshot' : `its newest release is of ${b}, not of ${a}`;
}

function newestOf({ body }: Answer): string {
  const times = body.toString().matchAll(/"updated_at": ?"([^"]{1,40})"/g);
  const newest = [...times].reduce((latest, [, time = '']) => (time > latest ? time : latest), '');
  return newest || 'no time';
}
