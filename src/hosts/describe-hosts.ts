import type { Snapshot } from '../snapshot/parse-snapshot.ts';

/** What a host runs for a build, and what it refuses. */
export interface HostDescription {
  readonly host: string;
  /** The router in an engine, or rules. */
  readonly by: string;
  /** The size of its router or rules in bytes; 0 for our own server, which reads the manifest. */
  readonly bytes: number;
  /** What is published but answered 400 here; empty where that is nothing. */
  readonly refuses: readonly string[];
}

type Published = Snapshot['published'];

const searchIn = ({ search }: Published) => (search ? ['text search'] : []);

const pagesIn = ({ pageSizes }: Published) =>
  Object.values(pageSizes).some((sizes) => sizes === 'every' || sizes.some((size) => size !== 100))
    ? ['page sizes other than 100']
    : [];

/** What rules leave to the router. */
const undecided = (published: Published) => [
  ...searchIn(published),
  ...pagesIn(published),
  'escapes',
];

const undecidedOrRepeated = (published: Published) => [...undecided(published), 'repeated keys'];

const nothing = () => [];

/** The hosts in the order of docs/hosting.md, and those of their files that grow with the catalog. */
const HOSTS: readonly {
  readonly host: string;
  readonly by: string;
  readonly files: RegExp;
  readonly refusals: (published: Published) => readonly string[];
}[] = [
  { host: 'nginx', by: 'rules', files: /^edge\/nginx-rules\.conf$/, refusals: undecidedOrRepeated },
  {
    host: 'nginx with njs',
    by: 'rules, then the router',
    files: /^edge\/nginx(-rules\.conf|\.js)$/,
    refusals: nothing,
  },
  { host: 'Apache', by: 'rules', files: /^edge\/apache.*(conf|txt)$/, refusals: undecided },
  { host: 'Caddy', by: 'rules', files: /^edge\/caddy\//, refusals: undecidedOrRepeated },
  { host: 'HAProxy', by: 'rules', files: /^edge\/haproxy\//, refusals: undecidedOrRepeated },
  { host: 'Cloudflare', by: 'the router', files: /^_worker\.js$/, refusals: nothing },
  {
    host: 'CloudFront',
    by: 'the router',
    files: /^edge\/cloudfront-function\.js$/,
    refusals: (published) => {
      const { search = true, store = false } = published.cloudFront ?? {};
      return [...(search ? [] : searchIn(published)), ...(store ? pagesIn(published) : [])];
    },
  },
];

/** The hosts that a build can be served by. */
export function describeHosts({ files, published }: Snapshot): HostDescription[] {
  const own = { host: 'embedded server', by: 'the router', bytes: 0, refuses: [] };
  const others = HOSTS.flatMap(({ host, by, files: pattern, refusals }) => {
    const parts = files.filter(({ path }) => pattern.test(path));
    if (parts.length === 0) return [];
    const bytes = parts.reduce((sum, { size }) => sum + size, 0);
    return { host, by, bytes, refuses: refusals(published) };
  });
  return [own, ...others];
}
