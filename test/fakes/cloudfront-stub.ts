import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EdgeFunction, Stage } from '../../src/publish/aws/target.ts';

/** A request as it came in. */
export interface StubRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly ifMatch: string | undefined;
  readonly body: string;
}

interface StubAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** A stub of CloudFront's API on loopback. */
export interface CloudFrontStub {
  readonly endpoint: string;
  readonly requests: readonly StubRequest[];
  /** The next requests get these errors, by their codes; `lost` closes the connection. */
  readonly failures: string[];
  close(): Promise<void>;
}

/** From the API reference, "Errors" of each call; `Throttling` has no status of its own there. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  InvalidClientTokenId: 403,
  InvalidIfMatchVersion: 400,
  NoSuchDistribution: 404,
  NoSuchFunctionExists: 404,
  PreconditionFailed: 412,
  ServiceUnavailable: 503,
  Throttling: 400,
};

const ROOT = '/2020-05-31';
export const DISTRIBUTION = 'E1TEST';

/**
 * Answers the calls of publishing for one function, as CloudFront's API reference records them: it checks method, path, If-Match
 * and body of each, and hands it to `edge`. A request of any other shape fails the test by status 400.
 */
export async function startCloudFrontStub(edge: Required<EdgeFunction>): Promise<CloudFrontStub> {
  const requests: StubRequest[] = [];
  const failures: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await readRequest(incoming);
    requests.push(request);
    const failure = failures.shift();
    if (failure === 'lost') return void outgoing.destroy();
    try {
      if (failure) throw Object.assign(new Error(failure), { name: failure });
      send(outgoing, await answer(edge, request));
    } catch (error) {
      send(outgoing, toErrorAnswer(error as Error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    failures,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(edge: Required<EdgeFunction>, request: StubRequest): Promise<StubAnswer> {
  const { method, target, ifMatch, body } = request;
  const url = new URL(target, 'http://stub');
  const stage = (url.searchParams.get('Stage') ?? 'DEVELOPMENT') as Stage;
  const [name, action = ''] = url.pathname.slice(`${ROOT}/function/`.length).split('/');
  const etag = () => {
    assert.match(ifMatch ?? '', /^E[0-9A-Z]+$/, 'If-Match');
    return ifMatch as string;
  };
  if (target === `${ROOT}/distribution/${DISTRIBUTION}`) return xml(distribution);
  if (url.pathname.startsWith(`${ROOT}/distribution/`)) throw named('NoSuchDistribution');
  assert.ok(url.pathname.startsWith(`${ROOT}/function/`), target);
  if (name !== edge.name) throw named('NoSuchFunctionExists');
  switch (`${method} ${action}`.trim()) {
    case 'GET': {
      const { code, etag } = (await edge.read(stage)) ?? assert.fail('the stage does not exist');
      return { headers: { etag, 'content-type': 'application/octet-stream' }, body: code };
    }
    case 'GET describe':
      return xml(summary(name, stage, await edge.publishedAt()));
    case 'PUT': {
      assert.match(body, /^<\?xml.*<UpdateFunctionRequest xmlns="http:\/\/cloudfront/s);
      assert.match(
        body,
        /<FunctionConfig><Comment>[^<]{0,128}<\/Comment><Runtime>cloudfront-js-2\.0<\/Runtime>(<KeyValueStoreAssociations><Quantity>1<\/Quantity><Items><KeyValueStoreAssociation><KeyValueStoreARN>[^<]+<\/KeyValueStoreARN><\/KeyValueStoreAssociation><\/Items><\/KeyValueStoreAssociations>)?<\/FunctionConfig>/,
      );
      const storeArn = textOf(body, 'KeyValueStoreARN');
      const code = decode(textOf(body, 'FunctionCode'));
      const upload = { code, comment: textOf(body, 'Comment'), ...(storeArn && { storeArn }) };
      const updated = await edge.update(upload, etag());
      // The SDK reads the new ETag from a header that is spelt so.
      return { ...xml(summary(name, 'DEVELOPMENT', new Date(0))), headers: { ettag: updated } };
    }
    case 'POST test': {
      assert.match(body, /<TestFunctionRequest xmlns=.*<Stage>DEVELOPMENT<\/Stage>/s);
      const event = JSON.parse(decode(textOf(body, 'EventObject')));
      assert.equal(event.version, '1.0');
      assert.match(event.viewer.ip, /^[\d.]+$/, 'TestFunction wants a viewer');
      const { output, error, computeUtilization } = await edge.test(event, etag());
      return xml(
        `<TestResult>${summary(name, 'DEVELOPMENT', new Date(0))}<ComputeUtilization>${computeUtilization || ''}</ComputeUtilization><FunctionExecutionLogs></FunctionExecutionLogs><FunctionErrorMessage>${escapeXml(error)}</FunctionErrorMessage><FunctionOutput>${escapeXml(output)}</FunctionOutput></TestResult>`,
      );
    }
    case 'POST publish':
      await edge.publish(etag());
      return xml(summary(name, 'LIVE', await edge.publishedAt()));
    default:
      throw named('AccessDenied');
  }
}

const summary = (name: string, stage: Stage, at: Date) =>
  `<FunctionSummary><Name>${name}</Name><Status>${stage === 'LIVE' ? 'DEPLOYED' : 'UNPUBLISHED'}</Status><FunctionConfig><Comment></Comment><Runtime>cloudfront-js-2.0</Runtime></FunctionConfig><FunctionMetadata><FunctionARN>arn:aws:cloudfront::123456789012:function/${name}</FunctionARN><Stage>${stage}</Stage><CreatedTime>2026-01-01T00:00:00.000Z</CreatedTime><LastModifiedTime>${at.toISOString()}</LastModifiedTime></FunctionMetadata></FunctionSummary>`;

const distribution = `<Distribution><Id>${DISTRIBUTION}</Id><ARN>arn:aws:cloudfront::123456789012:distribution/${DISTRIBUTION}</ARN><Status>Deployed</Status><DomainName>127.0.0.1:1</DomainName><DistributionConfig><CallerReference>1</CallerReference><Comment></Comment><Enabled>true</Enabled></DistributionConfig></Distribution>`;

const xml = (content: string): StubAnswer => ({
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${content.replace('>', ' xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">')}`,
});

function toErrorAnswer({ name, message }: Error): StubAnswer {
  const status = STATUS[name] ?? 400;
  const code = name in STATUS ? name : 'InvalidArgument';
  return {
    status,
    ...xml(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
    ),
  };
}

const named = (name: string) => Object.assign(new Error(name), { name });
const textOf = (body: string, name: string) =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? '';
const decode = (base64: string) => Buffer.from(base64, 'base64').toString();
const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

async function readRequest(incoming: IncomingMessage): Promise<StubRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = '', url: target = '', headers } = incoming;
  return { method, target, ifMatch: headers['if-match'], body: Buffer.concat(chunks).toString() };
}

function send(outgoing: ServerResponse, { status = 200, headers, body }: StubAnswer): void {
  outgoing.writeHead(status, { 'content-type': 'text/xml', ...headers });
  outgoing.end(body);
}
