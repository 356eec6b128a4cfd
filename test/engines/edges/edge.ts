import { PAGE_HEADERS } from '../../../src/router/headers/page-headers.ts';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** The request target as sent: `/api/v1/plugins?page=1`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The headers that clients and caches go by. */
export const COMPARED_HEADERS = [
  'content-type',
  'cache-control',
  'access-control-allow-origin',
  'x-content-type-options',
  'allow',
  'vary',
  'last-modified',
  'accept-ranges',
  'location',
  ...Object.keys(PAGE_HEADERS),
];

/** What an edge answered. */
export interface EdgeAnswer {
  readonly status: number;
  /** Decoded. */
  readonly body: string;
  /** `COMPARED_HEADERS` as far as the edge sets them; empty where one is missing. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where the body came as it is. */
  readonly contentEncoding: string;
  /** Empty where there is none. */
  readonly etag: string;
}

/** A site at one of the edges. */
export interface Edge {
  readonly name: string;
  /** Whether it is a server, so that conditions and compression are its own, or a model of one that leaves them out. */
  readonly isServer: boolean;
  ask(requests: readonly WireRequest[]): Promise<EdgeAnswer[]>;
  stop(): Promise<void>;
}
