// Edge dialect: this file is part of the router.

/** The folder of a snapshot with the pages and all that they show and load; the others are answers of the API. */
export const PAGES_FOLDER = 'site/';

/**
 * What every edge says of the files in that folder, pictures too: nothing comes from elsewhere, and nothing in them runs, not
 * even in a picture that is opened by itself. CloudFront says the same out of `infra/template.yaml`.
 */
export const PAGE_HEADERS: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};
