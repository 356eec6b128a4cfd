import type { SiteOptions } from '../../src/pages/html/site-pages.ts';

/** What a marketplace says of itself in tests that are about something else. */
export const PLAIN_SITE: SiteOptions = {
  siteTitle: 'Test marketplace',
  introduction: '',
  accentColor: '#1c58d9',
  siteUrl: '',
};
