import type { Bucket } from './bucket.ts';
import type { EdgeFunction } from './edge-function.ts';

/** Where a site is published: its files and its router. */
export interface Target {
  readonly bucket: Bucket;
  readonly edge: EdgeFunction;
}
