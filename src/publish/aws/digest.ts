import { createHash } from 'node:crypto';

/** The SHA-256 of contents, in hex. */
export function digestOf(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
