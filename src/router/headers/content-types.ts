// Edge dialect: this file is part of the router.

/**
 * The content types of a snapshot's files: by extension, such as `.json`, and for those that differ from the others of their
 * extension by the path inside the snapshot.
 */
export type ContentTypes = Record<string, string>;

/** Those of the snapshot. The bundler (`hosts/bundle-router.ts`) puts the real ones in the place of this file. */
export declare const CONTENT_TYPES: ContentTypes;
