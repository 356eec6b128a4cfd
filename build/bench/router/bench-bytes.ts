import assert from 'node:assert/strict';
import path from 'node:path';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { bundleCodeAlone } from '../../../src/hosts/bundle-router.ts';
import { findPlatforms, findSteps } from '../../../src/query/audience/space.ts';
import { indexCatalog } from '../../../src/query/catalog-index.ts';
import { renderCatalog } from '../../../src/query/render-catalog.ts';
import { planCloudFront } from '../../../src/site/plan/plan-cloudfront.ts';
import { ALWAYS_PUBLISHED, type Published } from '../../../src/site/plan/published.ts';
import { tableEncoder } from '../../../src/site/table/encode-table.ts';
import { PLAIN_TEXTS } from '../../../src/site/table/encode-texts.ts';
import { ID_PLACEHOLDER } from '../../../src/snapshot/snapshot-id.ts';
import { type BenchContext, type BenchReport, measureCatalogs } from '../benchmark.ts';
import type { BenchCatalog } from '../inputs/builds.ts';

const SIZES = [10, 20, 25, 50, 100];

const EVERYTHING: Published = {
  search: true,
  allLists: true,
  pageSizes: { newest: 'every', all: SIZES, search: SIZES },
};

/** Scopes of a build, by the flags that leave out the rest. */
const PUBLISHED: Readonly<Record<string, Published>> = {
  everything: EVERYTHING,
  'no search': {
    search: false,
    allLists: true,
    pageSizes: { ...EVERYTHING.pageSizes, search: ALWAYS_PUBLISHED.pageSizes.search },
  },
  'only pages of 100': { ...ALWAYS_PUBLISHED, search: true },
  neither: ALWAYS_PUBLISHED,
};

/** The limit of CloudFront. */
const LIMIT = 10_000;

/** Measures how many bytes of the CloudFront Function are code, and how many are its routing table. */
export async function benchBytes(context: BenchContext): Promise<BenchReport> {
  const tables = await measureCatalogs(context, 'bytes', async (catalog) => ({
    'bytes of the router, by what is published': await measureBytes(catalog),
  }));
  return { tables, notes: [] };
}

async function measureBytes({ file }: BenchCatalog) {
  const { releases } = await readCatalog([file], { cwd: path.dirname(file) });
  const catalog = indexCatalog(releases);
  const platforms = findPlatforms(catalog);
  const rendered = renderCatalog(catalog, platforms);
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const space = { catalog, steps: findSteps(catalog), platforms, rendered };
  const { encode } = tableEncoder({ ...space, root, files: 0 });
  const rows = [];
  for (const [what, published] of Object.entries(PUBLISHED)) {
    const { code } = await planCloudFront({
      encode,
      published,
      limit: LIMIT,
      records: () => assert.fail(),
    });
    const size = Buffer.byteLength(code);
    const codeBytes = Buffer.byteLength(await bundleCodeAlone(encode(published, PLAIN_TEXTS)));
    rows.push({ published: what, routerBytes: size, codeBytes, tableBytes: size - codeBytes });
  }
  return rows;
}
