import { digestOf } from '../../lib/digests.ts';

/** The destination of a build: its files, its router, and the store that some routers read. */
export interface Target {
  readonly bucket: Bucket;
  readonly edge: EdgeFunction;
  /** Absent if none is named. */
  readonly store?: EdgeStore;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** The header of that name that a user of the site sends; empty or absent: none is known. */
  readonly authorization?: string;
  /**
   * Lets the hosts read the build that is live, such as by a reload; absent if they do so by themselves.
   *
   * @throws {UserError} if that fails
   */
  readonly after?: () => Promise<void>;
}

/** Whether the router is a CloudFront Function, and not the files in `edge/` that hosts read. */
export const isCloudFront = ({ edge }: Pick<Target, 'edge'>) => edge.test !== undefined;

/** The part of S3 that publishing needs, for one bucket or folder. Errors are those of the SDK, by their `name`. */
export interface Bucket {
  /** For messages, such as `s3://marketplace`. */
  readonly address: string;
  /** Every object whose key begins with `prefix`, in the order of keys. */
  list(prefix: string): Promise<ListedObject[]>;
  /** The prefixes one level below `prefix`, each with its closing slash. */
  listFolders(prefix: string): Promise<string[]>;
  /**
   * An object; undefined if there is none.
   *
   * @param mostBytes by default more than any manifest has
   * @throws {UserError} if it is larger than `mostBytes`
   */
  get(key: string, mostBytes?: number): Promise<StoredObject | undefined>;
  /**
   * Stores an object whose digest the server checks. Returns its ETag.
   *
   * @param expected store it only if the object has this ETag, or only if there is none (null)
   */
  put(object: NewObject, body: Buffer, expected?: string | null): Promise<string>;
  /** Copies an object inside the bucket. False if the source is missing or has other contents. */
  copy(fromKey: string, object: NewObject): Promise<boolean>;
  /**
   * Removes up to `MOST_REMOVED` objects; missing ones count as removed.
   *
   * @throws {UserError} with every object that the server refuses to remove
   */
  remove(keys: readonly string[]): Promise<void>;
  /**
   * Stores files of a build, where that is faster all at once.
   *
   * @param dir the folder of the build
   * @param onStored called for each
   */
  send?(dir: string, transfers: readonly Transfer[], onStored: OnStored): Promise<void>;
  /** The digests of objects, in hex, where that is faster than reading them. Those that are missing or unreadable are left out. */
  digests?(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** A file of a build, as it is stored. */
export interface StoredFile extends NewObject {
  readonly size: number;
  /** Its path in the folder of the build. */
  readonly path: string;
}

/** A file to upload, or to copy from an object with the same contents. */
export interface Transfer {
  readonly file: StoredFile;
  /** The key of the object to copy. */
  readonly from?: string;
}

type OnStored = (file: StoredFile) => void;

/** How many objects one request removes at most. */
export const MOST_REMOVED = 1000;

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/** An object to store. */
export interface NewObject {
  readonly key: string;
  readonly contentType: string;
  /** Hex. */
  readonly sha256: string;
}

/** An object that was read. */
export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
}

/**
 * What names the live snapshot: a CloudFront Function, or the pointer of a store that hosts read, whose code is the name of a build.
 * Errors are those of the SDK, by their `name`.
 */
export interface EdgeFunction {
  readonly name: string;
  /** Undefined if the function, or this stage of it, does not exist. */
  read(stage: Stage): Promise<StagedCode | undefined>;
  /** When the live code was published, by the clock of the store. */
  publishedAt(): Promise<Date>;
  /** Uploads code to DEVELOPMENT if nobody changed it since `etag`. Returns the ETag of the upload. */
  update(upload: FunctionUpload, etag: string): Promise<string>;
  /** Runs the code in DEVELOPMENT on an event of the CloudFront Developer Guide. A pointer has no code to run. */
  test?(event: object, etag: string): Promise<FunctionTest>;
  /** Makes the code in DEVELOPMENT live if it still has this ETag. */
  publish(etag: string): Promise<void>;
}

/** A function to upload, with all of its configuration: what is left out is taken from the function. */
export interface FunctionUpload {
  readonly code: string;
  readonly comment: string;
  /** The ARN of the store that the code reads; absent if it reads none. */
  readonly storeArn?: string;
}

/** DEVELOPMENT is the last upload; LIVE answers viewers. */
export type Stage = 'DEVELOPMENT' | 'LIVE';

/** The code of a stage. */
export interface StagedCode {
  readonly code: string;
  readonly etag: string;
}

/** The result of the function for an event on CloudFront's own runtime. */
export interface FunctionTest {
  /** The request or response as JSON; empty after an error. */
  readonly output: string;
  /** Empty without an error. */
  readonly error: string;
  /** Percent of the time that CloudFront allows a function; NaN if it gives none. */
  readonly computeUtilization: number;
}

/** A KeyValueStore of CloudFront. What is written reaches the edges some seconds later. Errors are those of the SDK, by their `name`. */
export interface EdgeStore {
  readonly arn: string;
  describe(): Promise<StoreState>;
  /** The values of all keys. */
  list(): Promise<Map<string, string>>;
  /**
   * Makes up to `MOST_CHANGED` changes, all or none, if nobody changed the store since `etag`. A key to remove must be there.
   * Returns the new ETag.
   */
  update(changes: readonly KeyChange[], etag: string): Promise<string>;
}

/** How many keys one request changes at most. */
export const MOST_CHANGED = 50;

/** A key and its new value; null removes it. */
export type KeyChange = readonly [key: string, value: string | null];

/** The state of a store. */
export interface StoreState {
  /** Every change of a key changes it. */
  readonly etag: string;
  readonly sizeBytes: number;
}

/** Describes an object whose contents are at hand. */
export function newObject(key: string, contentType: string, body: Buffer): NewObject {
  return { key, contentType, sha256: digestOf(body) };
}

/** The JSON of a record in the bucket. */
export const toRecord = (value: object) => Buffer.from(`${JSON.stringify(value)}\n`);
