import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

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

/** The commands of docs/without-a-network.md, which makes an authority and a certificate for a name. */
export const OPENSSL_COMMANDS: readonly string[] = [
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout ca.key -out ca.pem -subj "/CN=Internal CA"',
  'openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout marketplace.key -out marketplace.csr -subj "/CN=marketplace.internal" -addext "subjectAltName=DNS:marketplace.internal"',
  'openssl x509 -req -in marketplace.csr -copy_extensions copy -CA ca.pem -CAkey ca.key -CAcreateserial -days 800 -out marketplace.pem',
];

/**
 * Makes an authority and a certificate for a server in a folder, as an administrator without a network does.
 *
 * @param names what the certificate is for, such as `DNS:marketplace.internal,IP:127.0.0.1`
 */
export async function makeCertificates(
  folder: string,
  names = 'DNS:marketplace.internal',
): Promise<Certificates> {
  await writeFile(
    path.join(folder, 'openssl.sh'),
    OPENSSL_COMMANDS.join('\n').replace(
      'subjectAltName=DNS:marketplace.internal',
      `subjectAltName=${names}`,
    ),
  );
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
