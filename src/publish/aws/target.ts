import { digestOf } from '../../lib/digests.ts';

/** The destination of a build: its files, its router, and the store that some routers read. */
export interface Target {
  readonly bucket: Bucket;
  readonly edge: EdgeFunction;
  /** Absent if none is named. */
  readonly store?: EdgeStore;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** The part of S3 that publishing needs, for one bucket. Errors are those of the SDK, by their `name`. */
export interface Bucket {
  readonly name: string;
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
}

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

/** A CloudFront Function. Errors are those of the SDK, by their `name`. */
export interface EdgeFunction {
  readonly name: string;
  /** Undefined if the function, or this stage of it, does not exist. */
  read(stage: Stage): Promise<StagedCode | undefined>;
  /** When the live code was published, by CloudFront's clock. */
  publishedAt(): Promise<Date>;
  /** Uploads code to DEVELOPMENT if nobody changed it since `etag`. Returns the ETag of the upload. */
  update(upload: FunctionUpload, etag: string): Promise<string>;
  /** Runs the code in DEVELOPMENT on an event of the CloudFront Developer Guide. */
  test(event: object, etag: string): Promise<FunctionTest>;
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
