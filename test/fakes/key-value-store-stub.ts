import assert from 'node:assert/strict';
import { Agent, createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { EdgeStore, KeyChange } from '../../src/publish/aws/target.ts';

/** A stub of the API for the keys of a KeyValueStore, on loopback. */
export interface KeyValueStoreStub {
  readonly endpoint: string;
  /** Connects every host name to the stub: the client puts the account before that of the endpoint. */
  readonly agent: Agent;
  /** Method, path with query, If-Match. */
  readonly requests: readonly string[];
  /** The next requests get these errors, by their codes; `lost` closes the connection after the effect. */
  readonly failures: string[];
  close(): Promise<void>;
}

/** From the API reference, "Errors" of UpdateKeys. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ConflictException: 409,
  InternalServerException: 500,
  ResourceNotFoundException: 404,
  ServiceQuotaExceededException: 402,
  ThrottlingException: 429,
  ValidationException: 400,
};

/**
 * Answers the calls of publishing for one store, as the API reference records them: it checks method, path, signature and body
 * of each, and hands it to `store`. A request of any other shape fails the test by status 400.
 */
export async function startKeyValueStoreStub(
  store: EdgeStore,
  accessKey = 'KEY',
): Promise<KeyValueStoreStub> {
  const requests: string[] = [];
  const failures: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const body = await text(incoming);
    requests.push([method, decodeURIComponent(url ?? ''), headers['if-match']].join(' ').trim());
    const failure = failures.shift();
    try {
      assert.match(headers.authorization ?? '', /^AWS4-ECDSA-P256-SHA256 Credential=/);
      assert.ok(headers.authorization?.includes(`=${accessKey}/`), headers.authorization);
      if (failure && failure !== 'lost') throw Object.assign(new Error(failure), { name: failure });
      const { etag, ...answer } = await respond(store, incoming, body);
      if (failure === 'lost') return void outgoing.destroy();
      outgoing.writeHead(200, { 'content-type': 'application/json', ...(etag && { etag }) });
      outgoing.end(JSON.stringify(answer));
    } catch (error) {
      const { name, message } = error as Error;
      outgoing.writeHead(STATUS[name] ?? 400, {
        'content-type': 'application/json',
        'x-amzn-errortype': name,
      });
      outgoing.end(JSON.stringify({ Message: message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({
    lookup: (_, { all }, found) =>
      all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
  });
  return {
    endpoint: `http://stub:${port}`,
    agent,
    requests,
    failures,
    close: () => {
      agent.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function respond(store: EdgeStore, { method, url, headers }: IncomingMessage, body: string) {
  const account = store.arn.split(':')[4];
  assert.ok(headers.host?.startsWith(`${account}.stub:`), headers.host);
  assert.equal(headers['x-amz-region-set'], '*');
  const { pathname, searchParams } = new URL(url ?? '', 'http://stub');
  const root = `/key-value-stores/${store.arn}`;
  const { etag, sizeBytes: TotalSizeInBytes } = await store.describe();
  switch (`${method} ${decodeURIComponent(pathname)}`) {
    case `GET ${root}`:
      return { etag, KvsARN: store.arn, ItemCount: 0, TotalSizeInBytes, Created: 1767225600 };
    case `GET ${root}/keys`: {
      const size = Number(searchParams.get('MaxResults'));
      assert.ok(size >= 1 && size <= 50, `MaxResults ${size}`);
      const from = Number(searchParams.get('NextToken') ?? '0');
      const items = [...(await store.list())].slice(from, from + size + 1);
      const more = items.length > size && { NextToken: String(from + size) };
      return { Items: items.slice(0, size).map(([Key, Value]) => ({ Key, Value })), ...more };
    }
    case `POST ${root}/keys`: {
      const { Puts = [], Deletes = [] } = JSON.parse(body);
      const puts: KeyChange[] = Puts.map((put: { Key: string; Value: string }) => [
        put.Key,
        put.Value,
      ]);
      const deletes: KeyChange[] = Deletes.map(({ Key }: { Key: string }) => [Key, null]);
      const next = await store.update([...puts, ...deletes], headers['if-match'] ?? '');
      return { etag: next, ItemCount: 0, TotalSizeInBytes };
    }
    default:
      return assert.fail(`${method} ${url}`);
  }
}
