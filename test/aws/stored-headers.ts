import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';

/** Of names and values together ("User-defined object metadata" in the S3 User Guide). */
const METADATA_BYTES = 2048;

/** The headers that S3 keeps and sends again. */
const STORED = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

/**
 * What an upload says about its object, to be sent with it again.
 *
 * @throws ApiError MetadataTooLarge
 */
export function toStoredHeaders({ headers }: ApiRequest): Record<string, string> {
  const stored: Record<string, string> = {
    'content-type': headers['content-type'] ?? 'application/octet-stream',
  };
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    const isMetadata = name.startsWith('x-amz-meta-');
    if (!isMetadata && !STORED.includes(name)) continue;
    stored[name] = String(value);
    if (isMetadata)
      metadataBytes += name.length - 'x-amz-meta-'.length + Buffer.byteLength(String(value));
  }
  if (metadataBytes > METADATA_BYTES) throw new ApiError('MetadataTooLarge');
  return stored;
}
