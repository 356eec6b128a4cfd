import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readBlock } from '../read-block.ts';

/** An authority of one's own, and a server with a certificate by it: PEM, and the files that hold them. */
export interface Certificates {
  /** What clients must trust. */
  readonly authority: string;
  readonly key: string;
  readonly cert: string;
  readonly files: { readonly authority: string; readonly key: string; readonly cert: string };
}

/** Why certificates cannot be made; false where they can. */
export const skipWithoutOpenssl = isThere() ? false : 'needs openssl: apt-get install openssl';

/**
 * Makes an authority and a certificate for a server in a folder, with the commands of docs/private.md.
 *
 * @param names what the certificate is for, such as `DNS:marketplace.internal,IP:127.0.0.1`
 */
export async function makeCertificates(
  folder: string,
  names = 'DNS:marketplace.internal',
): Promise<Certificates> {
  const commands = await readBlock('docs/private.md', 'sh', 'openssl req');
  const script = commands.replace('=DNS:marketplace.internal', `=${names}`);
  await writeFile(path.join(folder, 'openssl.sh'), script);
  execFileSync('sh', ['-e', 'openssl.sh'], { cwd: folder, stdio: 'pipe' });
  const files = {
    authority: path.join(folder, 'ca.pem'),
    key: path.join(folder, 'marketplace.key'),
    cert: path.join(folder, 'marketplace.pem'),
  };
  return {
    authority: await readFile(files.authority, 'utf8'),
    key: await readFile(files.key, 'utf8'),
    cert: await readFile(files.cert, 'utf8'),
    files,
  };
}

function isThere(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
