/** Whose requests are meant: those that every part of it covers. */
export interface Audience {
  /** Null: no server that tells its version. */
  readonly servers: ServerRange | null;
  /** Whether requests without a server version are meant, too. They are answered as the newest servers are. */
  readonly unspecified: boolean;
  /** `enterprise`: requests with `enterprise_plugins=true`. */
  readonly editions: readonly ('team' | 'enterprise')[];
  /** `cloud`: requests with `cloud=true`. */
  readonly hostings: readonly ('on-prem' | 'cloud')[];
  readonly platforms: PlatformSet;
}

export interface ServerRange {
  /** The first version; null: however old. */
  readonly from: string | null;
  /** The first version that is not meant any more; null: however new. */
  readonly before: string | null;
}

/** A platform that no release has a bundle for is among all but some, not among some. */
export type PlatformSet =
  | { readonly only: readonly string[] }
  /** Empty: every platform. */
  | { readonly except: readonly string[] };
