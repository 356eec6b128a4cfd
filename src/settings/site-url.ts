import { z } from 'zod';
import type { Setting } from './setting.ts';

/** Where viewers find the site. It is one setting: what is published is at the address that its pages and its feed name. */
export const SITE_URL: Setting<string> = {
  flag: 'site-url',
  environment: 'MARKETPLACE_SITE_URL',
  fallback: '',
  takes: 'an address such as https://plugins.example.com',
  parse: (url) => (isSiteUrl(url) ? url : null),
  schema: z.string().refine(isSiteUrl, 'is no address of a site'),
};

/** Without a query, for paths are put behind it. */
function isSiteUrl(url: string): boolean {
  return /^https?:\/\/[^?#\s]+$/.test(url) && URL.canParse(url);
}
