import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readBlock } from '../read-block.ts';

/** Why certificates cannot be made; false where they can. */
export const skipWithoutOpenssl =
  spawnSync('openssl', ['version']).status !== 0 && 'needs openssl: apt-get install openssl';

/**
 * Makes an authority, which clients must trust, and a certificate by it for a server: PEM, and their files in a
 * folder. The commands are those of docs/private.md.
 *
 * @param names the subjects of the certificate, such as `DNS:marketplace.internal,IP:127.0.0.1`
 */
export async function makeCertificates(folder: string, names = 'DNS:marketplace.internal') {
  const commands = await readBlock('docs/private.md', 'sh', 'openssl req');
  const script = commands.replace('=DNS:marketplace.internal', `=${names}`);
  await writeFile(path.join(folder, 'openssl.sh'), script);
  execFileSync('sh', ['-e', 'openssl.sh'], { cwd: folder, stdio: 'pipe' });
  const files = {
    authority: path.join(folder, 'ca.pem'),
    key: path.join(folder, 'marketplace.key'),
    cert: path.join(folder, 'marketplace.pem'),
  };
  const read = (name: keyof typeof files) => readFile(files[name], 'utf8');
  return {
    authority: await read('authority'),
    key: await read('key'),
    cert: await read('cert'),
    files,
  };
}
