import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The SHA-256 of contents, in hex. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The SHA-256 of a file in hex, and its size; null where it cannot be read. */
export async function hashFile(
  file: string,
): Promise<{ readonly sha256: string; readonly sizeBytes: number } | null> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(file)) {
      hash.update(chunk as Buffer);
      sizeBytes += (chunk as Buffer).length;
    }
  } catch {
    return null;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}
