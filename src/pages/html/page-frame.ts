import { folderName } from '../../snapshot/folder-name.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { DARK, LIGHT, type Theme } from '../assets/palette.ts';
import { type Attributes, h, type Piece } from '../shared/piece.ts';
import { toDocument } from './to-html.ts';

/** The data that all pages of a site share. */
export interface Frame {
  /** The name of the site. */
  readonly title: string;
  /** The address of the site; empty: unknown. */
  readonly siteUrl: string;
  /** The logo, and as a picture that everything can show, if there is one; from the root of the site. */
  readonly logo: string;
  readonly touchIcon: string | undefined;
  /** The style sheet and the script, from the root of the site. */
  readonly styleSheet: string;
  readonly script: string;
  /** The owner's links at the bottom of every page. */
  readonly footerLinks: readonly Link[];
  /** Where people ask for a plugin that is missing; empty: nowhere. */
  readonly requestUrl: string;
}

/** Text and address. */
export type Link = readonly [text: string, href: string];

/** One web page. */
export interface Page {
  /** Its address in the site: `/` or `/plugins/jira/`. */
  readonly path: string;
  /** Placed before the title of the site; empty for the first page. */
  readonly title: string;
  readonly description: string;
  /** More for the head of the page. */
  readonly head?: Piece;
  /** Its own feed, from the root of the site. */
  readonly feed?: string;
  /** @param up the way to the site's root: empty, or `../../` */
  readonly main: (up: string) => Piece;
}

/** The links at the top of every page: name, path. */
const NAVIGATION = [
  ['Plugins', ''],
  ['About', 'about/'],
] as const;

/** Those at the bottom. */
const BOTTOM = [
  ['Plugins from A to Z', 'plugins/'],
  ['Feed of new releases', 'feed.xml'],
  ['API description', 'openapi.json'],
  ['Catalog', 'catalog.json'],
  ['Point your server here', 'about/'],
] as const;

const REQUEST = 'Request a plugin';

/** Search engines and link previews show no more. */
const MOST_DESCRIPTION = 300;

/** A page as a file of the snapshot. All its addresses are relative, so that a site also works below a path. */
export function pageFile(page: Page, frame: Frame): SiteFile {
  const up = '../'.repeat(page.path.split('/').length - 2);
  const title = page.title === '' ? frame.title : `${page.title} · ${frame.title}`;
  const html = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      {},
      h('meta', { charset: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('title', {}, title),
      descriptionOf(page, { name: 'description' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      themeColor('light', LIGHT),
      themeColor('dark', DARK),
      h('link', { rel: 'stylesheet', href: up + frame.styleSheet }),
      h('link', { rel: 'icon', href: up + frame.logo }),
      frame.touchIcon && h('link', { rel: 'apple-touch-icon', href: up + frame.touchIcon }),
      page.feed && feedLink(`${title}: new releases`, up + page.feed),
      feedLink(`${frame.title}: new releases`, `${up}feed.xml`),
      preview(page, frame),
      h('script', { src: up + frame.script }),
      page.head,
    ),
    h(
      'body',
      {},
      h('a', { class: 'skip', href: '#main' }, 'Skip to content'),
      header(page, frame, up),
      h('main', { id: 'main' }, page.main(up)),
      footer(frame, up),
    ),
  );
  return {
    path: `site${page.path}index.html`,
    contentType: 'text/html; charset=utf-8',
    content: toDocument(html),
  };
}

function header(page: Page, frame: Frame, up: string): Piece {
  const logo = { src: up + frame.logo, alt: '', width: '32', height: '32' };
  return h(
    'header',
    { class: 'top' },
    h(
      'a',
      { class: 'brand', href: up || './' },
      h('img', logo),
      h('span', {}, h('bdi', {}, frame.title)),
    ),
    h(
      'nav',
      { 'aria-label': 'Site' },
      NAVIGATION.map(([name, path]) =>
        h(
          'a',
          {
            href: up + path || './',
            'aria-current': page.path === `/${path}` ? 'page' : undefined,
          },
          name,
        ),
      ),
      frame.requestUrl === '' ? undefined : h('a', { href: frame.requestUrl }, REQUEST),
    ),
  );
}

function footer({ footerLinks, requestUrl }: Frame, up: string): Piece {
  const links: readonly Link[] = [
    ...BOTTOM.map(([name, path]) => [name, up + path] as const),
    ...(requestUrl === '' ? [] : [[REQUEST, requestUrl] as const]),
    ...footerLinks,
  ];
  return h(
    'footer',
    { class: 'bottom' },
    links.map(([text, href]) => h('a', { href, dir: 'auto' }, text)),
  );
}

function descriptionOf({ description }: Page, attributes: Attributes): Piece {
  if (description === '') return undefined;
  return h('meta', { ...attributes, content: description.slice(0, MOST_DESCRIPTION) });
}

const themeColor = (scheme: string, { background }: Theme): Piece =>
  h('meta', {
    name: 'theme-color',
    content: background,
    media: `(prefers-color-scheme: ${scheme})`,
  });

const feedLink = (title: string, href: string): Piece =>
  h('link', { rel: 'alternate', type: 'application/atom+xml', title, href });

/** What is shown where someone shares the page. Addresses have to be absolute. */
function preview(page: Page, frame: Frame): Piece {
  const { siteUrl, touchIcon } = frame;
  const property = (name: string, content: string) =>
    h('meta', { property: `og:${name}`, content });
  return [
    property('type', 'website'),
    property('site_name', frame.title),
    property('title', page.title || frame.title),
    descriptionOf(page, { property: 'og:description' }),
    h('meta', { name: 'twitter:card', content: 'summary' }),
    siteUrl === ''
      ? undefined
      : [
          h('link', { rel: 'canonical', href: siteUrl + page.path }),
          property('url', siteUrl + page.path),
          touchIcon && property('image', `${siteUrl}/${touchIcon}`),
        ],
  ];
}

/**
 * The path of a plugin's page from the root of the site: `plugins/jira/`. The folder's name is the id, in which characters
 * that browsers or edges would change are encoded.
 */
export function pluginPagePath(id: string): string {
  return `plugins/${folderName(id)}/`;
}
