// Edge dialect: this file is part of the router.
import type { ContentTypes } from './content-types.ts';

/**
 * The content type of a file.
 *
 * @param path inside the snapshot
 */
export function contentTypeOf(types: ContentTypes, path: string): string {
  return types[path] || (types[path.slice(path.lastIndexOf('.'))] as string);
}
