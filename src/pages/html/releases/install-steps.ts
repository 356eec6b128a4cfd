import type { Release } from '../../../catalog/release.ts';
import { webLink } from '../../../lib/web-link.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { nameOf } from '../../shared/plugin-card.ts';
import { judgeInstallability } from './installability.ts';

/** How a plugin gets onto a Mattermost server, or why it does not. */
export function installSteps(release: Release, up: string): Piece {
  const { refusal, setting } = judgeInstallability(release);
  const steps = [
    ...(refusal === undefined ? marketplaceSteps(release, up, setting) : []),
    uploadStep(release),
  ].filter((step) => step !== undefined);
  return h(
    'section',
    {},
    h('h2', {}, 'Install'),
    refusal === undefined ? undefined : h('p', { class: 'warning' }, refusal),
    steps.length === 0 ? undefined : h('ol', { class: 'steps' }, steps),
  );
}

function marketplaceSteps({ manifest }: Release, up: string, setting: string | undefined): Piece[] {
  const name = nameOf({ id: manifest.id, name: manifest.name ?? '' });
  return [
    h(
      'li',
      {},
      h('a', { href: `${up}about/#server` }, 'Point the server here'),
      ', unless it is already.',
    ),
    setting &&
      h(
        'li',
        {},
        'Turn on ',
        h('code', {}, setting),
        ': the bundle is not encrypted on its way, and by default a server does not download it.',
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
  ];
}

/** Uploads are looked at by nobody: not their signature, nor whether they are meant for the server's version. */
function uploadStep({ download_url }: Release): Piece {
  const download = webLink(download_url);
  if (download === undefined) return undefined;
  return h(
    'li',
    {},
    'A server that cannot reach this site takes ',
    h('a', { href: download }, 'the bundle'),
    ' by upload, under System Console, Plugins, Plugin Management. That needs ',
    h('code', {}, 'PluginSettings.EnableUploads'),
    ', which is off by default, and no signature is checked.',
  );
}

/** As a shell takes it for one word. */
function quote(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
