import { folderName } from '../../snapshot/folder-name.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { h, type Piece } from '../shared/piece.ts';
import { toDocument } from './to-html.ts';

/** The data that all pages of a site share. */
export interface Frame {
  /** The name of the site. */
  readonly title: string;
  /** The logo, from the root of the site. */
  readonly logo: string;
  /** The style sheet and the script, from the root of the site. */
  readonly styleSheet: string;
  readonly script: string;
}

/** One web page. */
export interface Page {
  /** Its address in the site: `/` or `/plugins/jira/`. */
  readonly path: string;
  /** Placed before the title of the site; empty for the first page. */
  readonly title: string;
  readonly description: string;
  /** More for the head of the page. */
  readonly head?: Piece;
  /** @param up the way to the site's root: empty, or `../../` */
  readonly main: (up: string) => Piece;
}

/** The links at the top of every page: path, name. */
const NAVIGATION = [
  ['', 'Plugins'],
  ['about/', 'About'],
] as const;

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
      page.description === ''
        ? undefined
        : h('meta', { name: 'description', content: page.description.slice(0, 300) }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('link', { rel: 'stylesheet', href: up + frame.styleSheet }),
      h('link', { rel: 'icon', href: up + frame.logo }),
      h('link', {
        rel: 'alternate',
        type: 'application/atom+xml',
        title: `${frame.title}: new releases`,
        href: `${up}feed.xml`,
      }),
      h('script', { src: up + frame.script }),
      page.head,
    ),
    h(
      'body',
      {},
      h('a', { class: 'skip', href: '#main' }, 'Skip to content'),
      header(page, frame, up),
      h('main', { id: 'main' }, page.main(up)),
      footer(up),
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
      NAVIGATION.map(([path, name]) =>
        h(
          'a',
          {
            href: up + path || './',
            'aria-current': page.path === `/${path}` ? 'page' : undefined,
          },
          name,
        ),
      ),
    ),
  );
}

function footer(up: string): Piece {
  return h(
    'footer',
    { class: 'bottom' },
    h('a', { href: `${up}feed.xml` }, 'Feed of new releases'),
    h('a', { href: `${up}openapi.json` }, 'API description'),
    h('a', { href: `${up}catalog.json` }, 'Catalog'),
    h('a', { href: `${up}about/` }, 'Point your server here'),
  );
}

/**
 * The path of a plugin's page from the root of the site: `plugins/jira/`. The folder's name is the id, in which characters
 * that browsers or edges would change are encoded.
 */
export function pluginPagePath(id: string): string {
  return `plugins/${folderName(id)}/`;
}
