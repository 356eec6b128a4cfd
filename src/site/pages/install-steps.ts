import type { Release } from '../../catalog/release.ts';
import { h, type Piece } from '../../pages/piece.ts';
import { nameOf } from '../../pages/plugin-card.ts';
import { webLink } from '../../pages/web-link.ts';

/** How a plugin gets onto a Mattermost server. */
export function installSteps({ manifest, download_url }: Release, up: string): Piece {
  const name = nameOf({ id: manifest.id, name: manifest.name ?? '' });
  const download = webLink(download_url);
  return h(
    'section',
    {},
    h('h2', {}, 'Install'),
    h(
      'ol',
      { class: 'steps' },
      h(
        'li',
        {},
        h('a', { href: `${up}about/#server` }, 'Point the server here'),
        ', unless it is already.',
      ),
      h(
        'li',
        {},
        'Open the marketplace from the product menu, look for ',
        h('strong', {}, h('bdi', {}, name)),
        ' and choose Install. Then enable it under System Console, Plugins. Or both from a terminal:',
        h(
          'pre',
          { tabindex: '0' },
          h(
            'code',
            {},
            `mmctl plugin marketplace install ${quote(manifest.id)}\nmmctl plugin enable ${quote(manifest.id)}`,
          ),
        ),
      ),
      download === undefined
        ? undefined
        : h(
            'li',
            {},
            'A server that cannot reach this site takes ',
            h('a', { href: download }, 'the bundle'),
            ' by upload, under System Console, Plugins, Plugin Management.',
          ),
    ),
  );
}

/** As a shell takes it for one word. */
function quote(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
