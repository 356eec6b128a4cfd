import type {
  CloudFrontKeyValueStoreClient,
  CloudFrontKeyValueStoreClientConfig,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
import type { EdgeStore, KeyChange, StoreState } from './target.ts';

/** How many keys are on a page of a listing, the most that CloudFront allows. */
const PAGE_SIZE = 50;

/**
 * A KeyValueStore of CloudFront. Its API has signatures of its own, whose code takes a while to load, so it is loaded with the
 * first request: most sites need no store.
 */
export class KeyValueStore implements EdgeStore {
  readonly arn: string;
  readonly #config: CloudFrontKeyValueStoreClientConfig;
  #loaded:
    | Promise<{ readonly client: CloudFrontKeyValueStoreClient; readonly sdk: Sdk }>
    | undefined;

  constructor(config: CloudFrontKeyValueStoreClientConfig, arn: string) {
    this.#config = config;
    this.arn = arn;
  }

  async describe(): Promise<StoreState> {
    const { client, sdk } = await this.#load();
    const { ETag = '', TotalSizeInBytes = 0 } = await client.send(
      new sdk.DescribeKeyValueStoreCommand({ KvsARN: this.arn }),
    );
    return { etag: ETag, sizeBytes: TotalSizeInBytes };
  }

  async list(): Promise<Map<string, string>> {
    const { client, sdk } = await this.#load();
    const values = new Map<string, string>();
    const pages = sdk.paginateListKeys({ client, pageSize: PAGE_SIZE }, { KvsARN: this.arn });
    for await (const { Items = [] } of pages) {
      for (const { Key = '', Value = '' } of Items) values.set(Key, Value);
    }
    return values;
  }

  async update(changes: readonly KeyChange[], etag: string): Promise<string> {
    const { client, sdk } = await this.#load();
    const { ETag = '' } = await client.send(
      new sdk.UpdateKeysCommand({
        KvsARN: this.arn,
        IfMatch: etag,
        Puts: changes.flatMap(([Key, Value]) => (Value === null ? [] : [{ Key, Value }])),
        Deletes: changes.flatMap(([Key, value]) => (value === null ? [{ Key }] : [])),
      }),
    );
    return ETag;
  }

  #load() {
    this.#loaded ??= load(this.#config);
    return this.#loaded;
  }
}

type Sdk = typeof import('@aws-sdk/client-cloudfront-keyvaluestore');

async function load(config: CloudFrontKeyValueStoreClientConfig) {
  const [sdk] = await Promise.all([
    import('@aws-sdk/client-cloudfront-keyvaluestore'),
    // The client finds it by itself, once it is loaded.
    import('@aws-sdk/signature-v4a'),
  ]);
  return { client: new sdk.CloudFrontKeyValueStoreClient(config), sdk };
}
