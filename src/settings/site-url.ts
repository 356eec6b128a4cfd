import { webAddress } from './setting.ts';

/** Where viewers find the site. It is one setting: what is published is at the address that its pages and its feed name. */
export const SITE_URL = webAddress('site-url', 'MARKETPLACE_SITE_URL');
