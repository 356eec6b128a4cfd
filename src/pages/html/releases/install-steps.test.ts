import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { rsaSignature } from '../../../../test/samples/rsa-signature.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { toHtml } from '../to-html.ts';
import { installSteps } from './install-steps.ts';

// Ids of plugins that mean something to a shell.
const ids: readonly string[] = [
  'com.example.plugin-a_b',
  'a b',
  'a;touch evil',
  'a$(touch evil)',
  'a`touch evil`',
  'a && touch evil',
  "it's",
  "a';touch evil;'",
  'a"b',
  'a*',
  '$HOME',
  '~',
  'a\\b',
  'ünï',
  'a|b>c',
];

const skip = process.platform === 'win32' && 'needs a shell of Unix';

for (const id of ids) {
  test(`whoever copies the commands for ${id} installs and enables that plugin, and does nothing else`, {
    skip,
  }, () => {
    const entry = {
      manifest: { id, version: '1.0.0', name: 'A' },
      download_url: 'https://example.com/a.tar.gz',
      signature: rsaSignature(1),
    };
    const [release] = parseCatalog(JSON.stringify([entry]), 'test.json').releases;
    assert.ok(release);
    const [, code = ''] = /<code>(.*?)<\/code>/s.exec(toHtml(installSteps(release, ''))) ?? [];
    const shown = code
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
    // Programs that record how they were called replace mmctl, and anything that the id might call.
    const script = `mmctl() { printf '%s\\n' "$#" "$@"; }; touch() { echo CALLED "$@"; }; set -f; cd /\n${shown}\n`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    assert.equal(stderr, '');
    const install = ['4', 'plugin', 'marketplace', 'install', id];
    assert.equal(stdout, [...install, '3', 'plugin', 'enable', id, ''].join('\n'));
  });
}
