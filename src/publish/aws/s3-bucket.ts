import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { UserError } from '../../lib/errors.ts';
import { cacheControlOf } from '../../router/headers/headers.ts';
import { isAwsError } from './aws-error.ts';
import type { Bucket, ListedObject, NewObject, StoredObject } from './target.ts';

/**
 * For viewers, by the key of an object in a snapshot. The edge keeps a snapshot longer, by the minimum TTL of its cache policy;
 * `s-maxage` would bind every shared cache on the way.
 */
export const cacheControlOfKey = (key: string): string =>
  cacheControlOf(key.split('/').slice(2).join('/'));

/** How often an object is requested whose answer breaks off. */
const READ_ATTEMPTS = 4;

/** Manifests, routers and records are read; the largest manifests have some 30 MB. */
export const MOST_BYTES = 256 * 2 ** 20;

/** A bucket of S3, or of another server that speaks its protocol. */
export class S3Bucket implements Bucket {
  readonly address: string;
  readonly #name: string;
  readonly #client: S3Client;

  constructor(client: S3Client, name: string) {
    this.#client = client;
    this.#name = name;
    this.address = `s3://${name}`;
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const objects: ListedObject[] = [];
    for await (const { Contents = [] } of this.#pages(prefix)) {
      for (const { Key: key = '', Size: sizeBytes = 0, LastModified: at } of Contents)
        objects.push({ key, sizeBytes, modifiedAt: at ?? new Date(0) });
    }
    return objects;
  }

  async listFolders(prefix: string): Promise<string[]> {
    const folders: string[] = [];
    for await (const { CommonPrefixes = [] } of this.#pages(prefix, '/')) {
      folders.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix));
    }
    return folders;
  }

  async get(key: string, mostBytes = MOST_BYTES): Promise<StoredObject | undefined> {
    for (let attempt = 1; ; attempt++) {
      const { Body, ETag, ContentLength = 0 } = await this.#find(key);
      if (Body === undefined) return undefined;
      const isTooLarge = ContentLength > mostBytes;
      try {
        // The SDK tries again by itself until an answer begins, not when it breaks off.
        const body = isTooLarge ? undefined : await readUpTo(Body as Readable, mostBytes);
        if (body !== undefined) return { body, etag: ETag ?? '' };
      } catch (error) {
        if (attempt === READ_ATTEMPTS) throw error;
        continue;
      }
      (Body as Readable).destroy();
      throw tooLarge(this.address, key, mostBytes);
    }
  }

  /** The body is a Buffer: a stream is sent in chunks, which S3 servers other than Amazon's may refuse. */
  async put(object: NewObject, body: Buffer, expected?: string | null): Promise<string> {
    const { ETag } = await this.#client.send(
      new PutObjectCommand({
        ...this.#describe(object),
        Body: body,
        ChecksumSHA256: toBase64(object.sha256),
        ...(expected === null && { IfNoneMatch: '*' }),
        // Without its quotes: Amazon takes it either way, Ceph does not.
        ...(expected && { IfMatch: expected.replaceAll('"', '') }),
      }),
    );
    return ETag ?? '';
  }

  async copy(fromKey: string, object: NewObject): Promise<boolean> {
    try {
      const { CopyObjectResult } = await this.#client.send(
        new CopyObjectCommand({
          ...this.#describe(object),
          CopySource: `${this.#name}/${fromKey}`.split('/').map(encodeURIComponent).join('/'),
          MetadataDirective: 'REPLACE',
        }),
      );
      const checksum = CopyObjectResult?.ChecksumSHA256;
      return checksum === undefined || checksum === toBase64(object.sha256);
    } catch (error) {
      if (isAwsError(error, 'NoSuchKey')) return false;
      throw error;
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((Key) => ({ Key }));
    const { Errors = [] } = await this.#client.send(
      new DeleteObjectsCommand({ Bucket: this.#name, Delete: { Objects, Quiet: true } }),
    );
    if (Errors.length === 0) return;
    throw new UserError(
      `${Errors.length} objects could not be removed`,
      Errors.map(({ Key, Code, Message }) => ({
        level: 'error',
        file: `${this.address}/${Key}`,
        message: `${Code}: ${Message}`,
      })),
    );
  }

  #describe({ key, contentType }: NewObject) {
    return {
      Bucket: this.#name,
      Key: key,
      ContentType: contentType,
      CacheControl: cacheControlOfKey(key),
    };
  }

  async #find(
    key: string,
  ): Promise<Pick<GetObjectCommandOutput, 'Body' | 'ETag' | 'ContentLength'>> {
    try {
      return await this.#client.send(new GetObjectCommand({ Bucket: this.#name, Key: key }));
    } catch (error) {
      if (isAwsError(error, 'NoSuchKey')) return {};
      throw error;
    }
  }

  #pages(Prefix: string, Delimiter?: string) {
    return paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#name, Prefix, Delimiter },
    );
  }
}

/** The remedy for an object that is not ours. */
export function tooLarge(address: string, key: string, mostBytes: number): UserError {
  return new UserError(
    `${address}/${key} has more than ${mostBytes} bytes, the most that is published there: look at it`,
  );
}

/** The server may omit the length. Undefined if there is more. */
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
