import type { SiteOptions } from '../../src/pages/html/site-pages.ts';
import { type PlanOptions, planSite } from '../../src/site/plan/plan-site.ts';
import { type BuildResult, type WriteOptions, writeSite } from '../../src/site/write-site.ts';

/** The settings of a marketplace in tests about something else. */
export const PLAIN_SITE: SiteOptions = {
  siteTitle: 'Test marketplace',
  footerLinks: [],
  requestUrl: '',
  introduction: '',
  accentColor: '#1c58d9',
  siteUrl: '',
};

/** What goes into `buildPlainSite`. */
export type PlainBuildOptions = PlanOptions &
  Pick<WriteOptions, 'out' | 'compress'> &
  Partial<WriteOptions>;

/** Plans a site and writes it, with `PLAIN_SITE` where the options say nothing else. */
export async function buildPlainSite(options: PlainBuildOptions): Promise<BuildResult> {
  const described = { ...PLAIN_SITE, buildTag: '', buildHash: '', ...options };
  return await writeSite(await planSite(options), described);
}
