import type { Release } from '../../../catalog/release.ts';
import { webLink } from '../../../lib/web-link.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { nameOf } from '../../shared/plugin-card.ts';
import { shortVersion } from '../../shared/server-words.ts';
import { codeBlock, prose, section } from '../elements.ts';
import { judgeInstallability } from './installability.ts';
import { enableCommand, marketplaceCommand } from './shell-commands.ts';

/** How to install a plugin on a Mattermost server, or why that is not possible. */
export function installSteps(release: Release, up: string): Piece {
  const { refusal, setting } = judgeInstallability(release);
  const steps =
    refusal === undefined
      ? [
          ...marketplaceSteps(release, up, setting),
          uploadStep(release, 'If the server cannot reach this site, upload '),
        ]
      : [uploadStep(release, 'Upload ')];
  const known = steps.filter((step) => step !== undefined);
  return section(
    '',
    'Install',
    refusal && h('p', { class: 'warning' }, refusal),
    known.length === 0 ? undefined : h(known.length === 1 ? 'ul' : 'ol', { class: 'steps' }, known),
  );
}

function marketplaceSteps({ manifest }: Release, up: string, setting: string | undefined): Piece[] {
  const name = nameOf({ id: manifest.id, name: manifest.name ?? '' });
  const pointHere = h('a', { href: `${up}about/#server` }, 'Point your server here');
  const unencrypted =
    ': the bundle is downloaded without encryption, which servers refuse by default.';
  return [
    h('li', {}, pointHere, ', unless you already have.'),
    setting && h('li', {}, 'Turn on ', h('code', {}, setting), unencrypted),
    h(
      'li',
      {},
      'Open the marketplace from the product menu, find ',
      h('strong', {}, h('bdi', {}, name)),
      ' and select Install. Then enable it in System Console > Plugins. Or do both from a terminal:',
      codeBlock(`${marketplaceCommand(manifest.id)}\n${enableCommand(manifest.id)}`),
    ),
  ];
}

/** Servers check neither the signature of an upload nor the server version it requires. */
function uploadStep({ download_url, manifest }: Release, start: string): Piece {
  const download = webLink(download_url);
  const { version, min_server_version } = manifest;
  return (
    download &&
    h(
      'li',
      {},
      start,
      h('a', { href: download }, 'the bundle of ', h('bdi', {}, version)),
      min_server_version ? `, which needs server ${shortVersion(min_server_version)},` : undefined,
      prose(
        ' in System Console > Plugins > Plugin Management. This requires `PluginSettings.EnableUploads`, which is off by default. Servers do not check the signature of an upload.',
      ),
    )
  );
}
