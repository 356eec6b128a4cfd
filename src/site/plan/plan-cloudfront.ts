import { bundleCloudFrontFunction } from '../../hosts/bundle-router.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { Records } from '../table/encode-records.ts';
import type { EncodeTable } from '../table/encode-table.ts';
import { PLAIN_TEXTS, type TextForm } from '../table/encode-texts.ts';
import { ALWAYS_PUBLISHED, type Published } from './published.ts';

/** The router as a CloudFront Function. */
export interface CloudFrontPlan {
  /** With placeholders for the snapshot's id and the digest of what pages load. */
  readonly code: string;
  /** What it carries. */
  readonly table: RoutingTable;
  /** What is to be in its KeyValueStore; undefined where it needs none. */
  readonly store: Records['values'] | undefined;
  /** What it does not refuse, of what is published. */
  readonly published: Published;
  /** What it refuses though it is published, and why. */
  readonly warnings: readonly Problem[];
}

/** How small the table is made, from what serves requests best to what is smallest. */
const FORMS: readonly TextForm[] = [
  ...[0, 8, 16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: false })),
  { abbreviations: 100, onlyNewest: false, withoutLists: true },
  ...[16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: true })),
  { abbreviations: 100, onlyNewest: true, withoutLists: true },
];

/** What the function is made of. */
export interface CloudFrontSource {
  readonly encode: EncodeTable;
  readonly published: Published;
  /** Bytes. */
  readonly limit: number;
  /** The plugins as records, where the function has no room for them. */
  readonly records: (table: RoutingTable) => Records;
}

/**
 * Makes the CloudFront Function small enough: it abbreviates the texts, leaves out those of older releases, then search, then
 * puts the plugins into a store.
 *
 * @throws {UserError} where it is too large even so
 */
export async function planCloudFront(source: CloudFrontSource): Promise<CloudFrontPlan> {
  const { encode, published, limit } = source;
  const whole = await fitCode(encode, published, limit);
  if (whole.size <= limit) return { ...whole.router, store: undefined, published, warnings: [] };
  const warnings = published.search ? [searchTooLarge(whole.size, limit)] : [];
  const { search } = ALWAYS_PUBLISHED.pageSizes;
  const withoutSearch = {
    ...published,
    search: false,
    pageSizes: { ...published.pageSizes, search },
  };
  const small = published.search ? await fitCode(encode, withoutSearch, limit) : whole;
  if (small.size <= limit) {
    return { ...small.router, store: undefined, published: withoutSearch, warnings };
  }
  const { table, values } = source.records(encode(ALWAYS_PUBLISHED, PLAIN_TEXTS));
  const code = await bundleCloudFrontFunction(table);
  const size = Buffer.byteLength(code);
  if (size > limit) throw tooLarge(size, limit, table);
  return {
    code,
    table,
    store: values,
    published: ALWAYS_PUBLISHED,
    warnings: [...warnings, needsStore(small.size, limit), ...refusedWithStore(published)],
  };
}

/** The code with the first form of the texts that is small enough; where none is, the smallest that was made. */
async function fitCode(encode: EncodeTable, published: Published, limit: number) {
  const make = async (form: TextForm) => {
    const table = encode(published, form);
    const code = await bundleCloudFrontFunction(table);
    return { router: { code, table }, size: Buffer.byteLength(code) };
  };
  const [plain, ...shorter] = FORMS as [TextForm, ...TextForm[]];
  const tableBytes = tableSize(encode, published, plain);
  if (tableBytes > MOST_SAVING * limit)
    return { router: { code: '', table: encode(published, plain) }, size: tableBytes };
  let smallest = await make(plain);
  // The code hardly changes with the form of the texts, so what its table makes too large need not be made, but for the last: it
  // tells how much is missing.
  const codeBytes = smallest.size - tableBytes;
  for (const form of shorter) {
    if (smallest.size <= limit) break;
    const isLast = form === shorter.at(-1);
    if (!isLast && codeBytes + tableSize(encode, published, form) > limit + SLACK) continue;
    const made = await make(form);
    if (made.size < smallest.size) smallest = made;
  }
  return smallest;
}

/** How many times the limit a table has that no abbreviation makes small enough. */
const MOST_SAVING = 4;

/** How much a size may differ from what its table makes expect. */
const SLACK = 50;

function tableSize(encode: EncodeTable, published: Published, form: TextForm): number {
  return Buffer.byteLength(JSON.stringify(encode(published, form)));
}

function searchTooLarge(size: number, limit: number): Problem {
  return {
    level: 'warning',
    missing: 'search',
    message: `text search: CloudFront refuses it, since with it the function has ${size} bytes, ${size - limit} more than the ${limit} allowed`,
    remedy:
      'leave cloudfront out of --hosts if you do not use it; --search off leaves it out for all hosts, without a word',
  };
}

function needsStore(size: number, limit: number): Problem {
  return {
    level: 'warning',
    message: `CloudFront: the function would have ${size} bytes or more of the ${limit} allowed, so the plugins go into a KeyValueStore`,
    remedy:
      'its stack needs a store: docs/aws.md; leave cloudfront out of --hosts if you do not use it',
  };
}

/** What is published, and CloudFront refuses where its plugins are in a store. */
function refusedWithStore({ pageSizes, allLists }: Published): Problem[] {
  const hasSizes = [pageSizes.newest, pageSizes.all].some(
    (sizes) => sizes !== 'every' && sizes.length > 1,
  );
  const refused: [boolean, string, string][] = [
    [hasSizes, 'page-sizes 100', 'pages other than of 100'],
    [pageSizes.newest === 'every', 'every-page-size off', 'pages of every size'],
    [allLists, 'all-lists off', 'lists of all versions for each server version'],
  ];
  return refused
    .filter(([isPublished]) => isPublished)
    .map(([, setting, what]) => ({
      level: 'warning',
      missing: setting.split(' ')[0] as string,
      message: `${what}: CloudFront refuses them, since its plugins are in a KeyValueStore`,
      remedy: `--${setting} leaves them out for all hosts, without a word`,
    }));
}

function tooLarge(size: number, limit: number, { users }: RoutingTable): UserError {
  const count = users?.split(' ').length ?? 0;
  return new UserError(
    `the CloudFront Function has ${size} bytes even with its plugins in a store, ${size - limit} more than the ${limit} allowed`,
    [
      {
        level: 'error',
        message: 'CloudFront takes no function over 10,000 bytes',
        remedy:
          'drop old releases from the catalog; or, where you do not use CloudFront, leave it out of --hosts',
      },
      ...(count > 0
        ? [
            {
              level: 'error' as const,
              message: `it is for users only, and ${count === 1 ? 'one takes' : `${count} take`} 81 bytes each, besides the code for them`,
              remedy: 'let servers share a user, and remove the lines of others from --users',
            },
          ]
        : []),
    ],
  );
}
