import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { UserError } from '../../lib/errors.ts';
import { isAwsError } from './aws-error.ts';

/** An object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/** An object to be stored. */
export interface NewObject {
  readonly key: string;
  readonly contentType: string;
  /** Hex. The server checks that what arrives has it. */
  readonly sha256: string;
}

/** An object that was read. */
export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
}

/** When a change may take effect: where the object has this entity tag, or where there is none. */
export type Condition = { readonly ifMatch: string } | { readonly ifNoneMatch: '*' };

/**
 * For viewers. The edge keeps a snapshot longer, by the minimum TTL of its cache policy: `s-maxage` would bind every shared
 * cache on the way.
 */
const CACHE_CONTROL = 'public, max-age=60';

/** How often an object is asked for whose answer breaks off. */
const READ_ATTEMPTS = 4;

/** What is read is manifests, routers and records; the largest manifests have some 30 MB. */
const MOST_BYTES = 256 * 2 ** 20;

/** DeleteObjects takes no more. */
const DELETED_AT_ONCE = 1000;

/** The part of S3 that publishing needs, for one bucket. Errors are those of the SDK. */
export class Bucket {
  readonly name: string;
  readonly #client: S3Client;

  constructor(client: S3Client, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** Every object whose key begins with `prefix`, in the order of keys. */
  async list(prefix: string): Promise<ListedObject[]> {
    const objects: ListedObject[] = [];
    for await (const page of this.#pages(prefix)) {
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        objects.push({
          key: Key ?? '',
          sizeBytes: Size ?? 0,
          modifiedAt: LastModified ?? new Date(0),
        });
      }
    }
    return objects;
  }

  /** The prefixes one level below `prefix`, each with its closing slash. */
  async listFolders(prefix: string): Promise<string[]> {
    const folders: string[] = [];
    for await (const page of this.#pages(prefix, '/')) {
      folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''));
    }
    return folders;
  }

  /**
   * Undefined where there is no such object.
   *
   * @throws {UserError} where it is larger than `mostBytes`, and so none of ours
   */
  async get(key: string, mostBytes = MOST_BYTES): Promise<StoredObject | undefined> {
    for (let attempt = 1; ; attempt++) {
      const { Body, ETag, ContentLength = 0 } = await this.#find(key);
      if (Body === undefined) return undefined;
      const isTooLarge = ContentLength > mostBytes;
      try {
        // The SDK asks again by itself until an answer begins, not where it breaks off.
        const body = isTooLarge ? undefined : await readUpTo(Body as Readable, mostBytes);
        if (body !== undefined) return { body, etag: ETag ?? '' };
      } catch (error) {
        if (attempt === READ_ATTEMPTS) throw error;
        continue;
      }
      (Body as Readable).destroy();
      throw new UserError(
        `s3://${this.name}/${key} has more than ${mostBytes} bytes, the most that is published there: look at it`,
      );
    }
  }

  /**
   * Stores an object. A Buffer, for a stream is sent in chunks, which S3 servers other than Amazon's may refuse.
   *
   * @returns its entity tag
   */
  async put(object: NewObject, body: Buffer, condition?: Condition): Promise<string> {
    const { ETag } = await this.#client.send(
      new PutObjectCommand({
        Bucket: this.name,
        Key: object.key,
        Body: body,
        ContentType: object.contentType,
        CacheControl: CACHE_CONTROL,
        ChecksumSHA256: toBase64(object.sha256),
        // Without its quotes, which Amazon takes either way and Ceph does not.
        ...(condition && 'ifMatch' in condition
          ? { IfMatch: condition.ifMatch.replaceAll('"', '') }
          : {}),
        ...(condition && 'ifNoneMatch' in condition ? { IfNoneMatch: '*' } : {}),
      }),
    );
    return ETag ?? '';
  }

  /**
   * Copies an object inside the bucket.
   *
   * @returns false where the object to copy is not there, or the copy is not what it should be
   */
  async copy(fromKey: string, object: NewObject): Promise<boolean> {
    try {
      const { CopyObjectResult } = await this.#client.send(
        new CopyObjectCommand({
          Bucket: this.name,
          Key: object.key,
          CopySource: `${this.name}/${fromKey}`.split('/').map(encodeURIComponent).join('/'),
          MetadataDirective: 'REPLACE',
          ContentType: object.contentType,
          CacheControl: CACHE_CONTROL,
        }),
      );
      const checksum = CopyObjectResult?.ChecksumSHA256;
      return checksum === undefined || checksum === toBase64(object.sha256);
    } catch (error) {
      if (isAwsError(error, 'NoSuchKey')) return false;
      throw error;
    }
  }

  /**
   * Removes objects. Those that are not there count as removed.
   *
   * @param mayGoOn asked before each request of up to 1,000 keys
   * @returns false where it stopped because it may not go on
   * @throws {UserError} where the server refuses to remove some
   */
  async remove(keys: readonly string[], mayGoOn: () => Promise<boolean>): Promise<boolean> {
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      if (!(await mayGoOn())) return false;
      const some = keys.slice(at, at + DELETED_AT_ONCE);
      const { Errors = [] } = await this.#client.send(
        new DeleteObjectsCommand({
          Bucket: this.name,
          Delete: { Objects: some.map((Key) => ({ Key })), Quiet: true },
        }),
      );
      if (Errors.length === 0) continue;
      throw new UserError(
        `${Errors.length} objects could not be removed`,
        Errors.map(({ Key, Code, Message }) => ({
          level: 'error',
          file: `s3://${this.name}/${Key}`,
          message: `${Code}: ${Message}`,
        })),
      );
    }
    return true;
  }

  async #find(
    key: string,
  ): Promise<Pick<GetObjectCommandOutput, 'Body' | 'ETag' | 'ContentLength'>> {
    try {
      return await this.#client.send(new GetObjectCommand({ Bucket: this.name, Key: key }));
    } catch (error) {
      if (isAwsError(error, 'NoSuchKey')) return {};
      throw error;
    }
  }

  async *#pages(prefix: string, delimiter?: string) {
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.name,
          Prefix: prefix,
          ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      yield page;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }
}

/** The server may say nothing of the length. Undefined where there is more. */
async function readUpTo(
  body: AsyncIterable<Buffer>,
  mostBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const toBase64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
