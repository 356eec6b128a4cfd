import type { Release } from '../../../catalog/release.ts';
import { webLink } from '../../../lib/web-link.ts';
import { decodeSignature, readSignatures } from '../../../mattermost/openpgp/signature.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { codeBlock, paragraph, prose } from '../elements.ts';
import { bundleName } from './bundle-list.ts';
import { verifyCommand } from './shell-commands.ts';

/** The key that signs the plugins of Mattermost, which every server has (docs/mattermost.md). */
const MATTERMOST_KEY = {
  id: 'D1B54B47A5CEFEC4',
  fingerprint: 'C558 81B8 0F69 E863 B85A D5D1 D1B5 4B47 A5CE FEC4',
  source:
    'https://github.com/mattermost/mattermost/blob/master/server/channels/app/plugin_public_keys.go',
};

/** How to check a bundle of a release by hand; undefined if it has no signature by a key that is named. */
export function checkDownload(release: Release): Piece {
  const bundle = webLink(release.download_url);
  const signature = decodeSignature(release.signature);
  const [first] = signature === null ? [] : readSignatures(signature);
  if (bundle === undefined || first === undefined || 'check' in first) return undefined;
  return h(
    'details',
    { class: 'group' },
    h('summary', {}, 'Check a download by hand'),
    paragraph(
      'Servers check signatures by themselves. To do the same, save a bundle and its signature in one folder and run:',
    ),
    codeBlock(verifyCommand(bundleName(bundle))),
    first.issuer === MATTERMOST_KEY.id ? mattermostKey() : ownKey(first.issuer),
  );
}

function mattermostKey(): Piece {
  return paragraph(
    'The key is that of Mattermost, with the fingerprint ',
    h('code', {}, MATTERMOST_KEY.fingerprint),
    '. It is in ',
    h('a', { href: MATTERMOST_KEY.source }, 'the source of the server'),
    prose('. Save it, and import it with `gpg --import`.'),
  );
}

function ownKey(id: string): Piece {
  return paragraph(
    'The key has the id ',
    h('code', {}, id),
    prose(
      '. Whoever runs this marketplace has it: servers need it, too, in `PluginSettings.SignaturePublicKeyFiles`. Import it with `gpg --import`.',
    ),
  );
}
