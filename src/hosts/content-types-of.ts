import type { ContentTypes } from '../router/headers/content-types.ts';

/**
 * The content types of a snapshot's files as the router carries them: the one that most files of an extension have, and the
 * exceptions by their paths. `{ 'api/health.json': 'application/health+json', '.json': 'application/json' }`
 */
export function contentTypesOf(
  files: readonly { readonly path: string; readonly contentType: string }[],
): ContentTypes {
  const counts = new Map<string, Map<string, number>>();
  for (const { path, contentType } of files) {
    const extension = extensionOf(path);
    const ofExtension = counts.get(extension) ?? new Map<string, number>();
    ofExtension.set(contentType, (ofExtension.get(contentType) ?? 0) + 1);
    counts.set(extension, ofExtension);
  }
  const usual = [...counts].map(([extension, ofExtension]): [string, string] => {
    const [first] = [...ofExtension].sort(([, a], [, b]) => b - a);
    return [extension, first?.[0] ?? ''];
  });
  const byExtension = new Map(usual);
  const exceptions = files
    .filter(({ path, contentType }) => byExtension.get(extensionOf(path)) !== contentType)
    .map(({ path, contentType }) => [path, contentType]);
  return Object.fromEntries([...exceptions, ...usual]);
}

function extensionOf(path: string): string {
  return path.slice(path.lastIndexOf('.'));
}
