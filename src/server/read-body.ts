import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteFile } from './site-file.ts';

/** A file the manifest lists is not there, or is not what the manifest says. */
export class BodyUnavailable extends Error {
  override readonly name = 'BodyUnavailable';
}

/**
 * The bytes of a file of the site. They are the very bytes the manifest names: right or refused.
 *
 * @throws BodyUnavailable otherwise, as happens when the folder is replaced while it is served.
 */
export async function readBody(root: string, file: SiteFile): Promise<Buffer> {
  let body: Buffer;
  try {
    body = await readFile(join(root, file.path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new BodyUnavailable(`${file.path} cannot be read: ${code}`);
  }
  if (body.length !== file.sizeBytes) {
    throw new BodyUnavailable(
      `${file.path} has ${body.length} bytes; snapshot.json says ${file.sizeBytes}`,
    );
  }
  if (createHash('sha256').update(body).digest('hex') !== file.sha256) {
    throw new BodyUnavailable(`${file.path} has not the digest that snapshot.json says`);
  }
  return body;
}
