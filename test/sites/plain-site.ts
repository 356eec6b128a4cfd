import type { SiteOptions } from '../../src/pages/html/site-pages.ts';

/** The settings of a marketplace in tests about something else. */
export const PLAIN_SITE: SiteOptions = {
  siteTitle: 'Test marketplace',
  introduction: '',
  accentColor: '#1c58d9',
  siteUrl: '',
};
