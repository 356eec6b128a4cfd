import { bundleCloudFrontFunction } from '../../hosts/bundle-router.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { TextForm } from '../table/encode-texts.ts';

/** A table, and the CloudFront Function that carries it. */
export interface Router {
  readonly table: RoutingTable;
  readonly code: string;
  /** Bytes of the code. */
  readonly size: number;
}

/** How small the texts are made, from what serves requests best to what is smallest. Each is smaller than those before it in its group. */
const FORMS: readonly (readonly TextForm[])[] = [
  [0, 8, 16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: false })),
  [16, 32, 100].map((abbreviations) => ({ abbreviations, onlyNewest: true })),
];

/** The router with the first form of the texts that is small enough; where none is, the smallest. At most five are made. */
export async function fitRouter(
  encode: (form: TextForm) => RoutingTable,
  limit: number,
): Promise<Router> {
  let smallest: Router | undefined;
  const make = async (form: TextForm): Promise<Router> => {
    const table = encode(form);
    const code = await bundleCloudFrontFunction(table);
    const router = { table, code, size: Buffer.byteLength(code) };
    if (!smallest || router.size < smallest.size) smallest = router;
    return router;
  };
  for (const forms of FORMS) {
    const router = await findFirst(forms, make, ({ size }) => size <= limit);
    if (router) return router;
  }
  return smallest as unknown as Router;
}

/** The first of some things that is good, where all behind a good one are, too: found by halving. */
async function findFirst<From, To>(
  list: readonly From[],
  make: (item: From) => Promise<To>,
  isGood: (item: To) => boolean,
): Promise<To | undefined> {
  const first = await make(list[0] as From);
  if (isGood(first)) return first;
  let bad = 0;
  let good = list.length - 1;
  let found = await make(list[good] as From);
  if (!isGood(found)) return undefined;
  while (good - bad > 1) {
    const middle = (bad + good) >> 1;
    const tried = await make(list[middle] as From);
    if (isGood(tried)) [good, found] = [middle, tried];
    else bad = middle;
  }
  return found;
}
