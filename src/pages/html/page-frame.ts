import { folderName } from '../../snapshot/folder-name.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { h, type Piece } from '../shared/piece.ts';
import { toDocument } from './to-html.ts';

/** What all pages of a site have in common. */
export interface Frame {
  /** What the site is called. */
  readonly title: string;
  /** Its own picture, from its root. */
  readonly logo: string;
  /** The style sheet and the script, from its root. */
  readonly styleSheet: string;
  readonly script: string;
}

/** A page of its own. */
export interface Page {
  /** Where it stands in the site: `/` or `/plugins/jira/`. */
  readonly path: string;
  /** In front of the site's; empty for the first page. */
  readonly title: string;
  readonly description: string;
  /** @param up the way to the site's root: empty, or `../../` */
  readonly main: (up: string) => Piece;
}

/** Where the pages lead from everywhere: path, name. */
const NAVIGATION = [
  ['', 'Plugins'],
  ['about/', 'About'],
] as const;

/**
 * A page as a file of the snapshot. Every address in it is relative, so that a site works below a path, too.
 */
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
      h('script', { src: up + frame.script, defer: true }),
    ),
    h(
      'body',
      {},
      h('a', { class: 'skip', href: '#main' }, 'Skip to the content'),
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
    h('a', { href: `${up}about/` }, 'Point a server here'),
  );
}

/**
 * Where the page of a plugin lies, from the root of the site: `plugins/jira/`. The name of its folder is the id, encoded where
 * browsers or edges would change a character on the way to the router.
 */
export function pluginPagePath(id: string): string {
  return `plugins/${folderName(id)}/`;
}
