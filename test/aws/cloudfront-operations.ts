import type { EdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';
import { ApiError } from './api-error.ts';
import { type ApiRequest, type Outcome, reply } from './api-request.ts';
import { type AwsState, type FunctionStage, type StageName, withStage } from './aws-state.ts';
import { checkEvent } from './check-event.ts';
import { arnOf, toDistributionXml } from './distribution-xml.ts';
import { EdgeCode } from './edge-code.ts';
import {
  CLOUDFRONT_NAMESPACE,
  childrenOf,
  type ParsedXml,
  parseXml,
  textOf,
  toXml,
  type XmlElement,
} from './xml.ts';

/** 10 KB; whether that is 10,000 or 10,240 is not documented, so the stricter. */
const CODE_BYTES = 10_000;
const COMMENT_CHARACTERS = 128;
/** Far more than a function that works takes; CloudFront allows less than a millisecond. */
const RUN_LIMIT_MS = 1000;
const RUNTIMES = ['cloudfront-js-1.0', 'cloudfront-js-2.0'];

/** What CloudFront knows and a state does not. */
export interface CloudFrontOptions {
  readonly now: Date;
  /** What TestFunction says it took, in percent of what is allowed. */
  readonly computeUtilization: string;
}

/**
 * Does what a request of CloudFront asks, to a state.
 *
 * @throws ApiError
 */
export function handleCloudFront(
  state: AwsState,
  request: ApiRequest,
  options: CloudFrontOptions,
): Outcome {
  switch (request.operation) {
    case 'DescribeFunction': {
      const stage = findStage(request.query.get('Stage'));
      const { etag } = stageOf(state, request, stage);
      return xmlReply({ etag }, 'FunctionSummary', summarize(state, stage));
    }
    case 'GetFunction': {
      const { etag, code } = stageOf(state, request, findStage(request.query.get('Stage')));
      const headers = { etag, 'content-type': 'application/octet-stream' };
      return reply(200, headers, Buffer.from(code.source));
    }
    case 'UpdateFunction':
      return updateFunction(state, request, options.now);
    case 'TestFunction':
      return testFunction(state, request, options.computeUtilization);
    case 'PublishFunction': {
      const stage = stageOf(state, request, 'DEVELOPMENT');
      checkIfMatch(request, stage);
      const changed = withStage(state, 'LIVE', { ...stage, lastModified: options.now });
      return {
        ...xmlReply({}, 'FunctionSummary', summarize(changed, 'LIVE')),
        changes: [{ kind: 'PublishFunction', state: changed }],
      };
    }
    case 'GetDistribution':
      if (request.resource !== state.distribution.id) throw new ApiError('NoSuchDistribution');
      return xmlReply({ etag: 'EDISTRIBUTION1' }, 'Distribution', toDistributionXml(state));
    default:
      throw new ApiError(
        'InvalidArgument',
        `${request.method} ${request.target} is not spoken here`,
      );
  }
}

function updateFunction(state: AwsState, request: ApiRequest, now: Date): Outcome {
  checkIfMatch(request, stageOf(state, request, 'DEVELOPMENT'));
  const document = parseXml(request.body, 'UpdateFunctionRequest');
  const [config] = childrenOf(document, 'FunctionConfig');
  const comment = textOf(config, 'Comment');
  const runtime = textOf(config, 'Runtime');
  if (comment === undefined || comment.length > COMMENT_CHARACTERS) {
    throw new ApiError('InvalidArgument', `Comment: at most ${COMMENT_CHARACTERS} characters`);
  }
  if (runtime === undefined || !RUNTIMES.includes(runtime)) {
    throw new ApiError('InvalidArgument', `Runtime: one of ${RUNTIMES.join(', ')}`);
  }
  if (childrenOf(config, 'KeyValueStoreAssociations').length > 0) {
    throw new ApiError('InvalidArgument', 'there are no key value stores here');
  }
  const source = decodeBase64(document, 'FunctionCode');
  if (source.length === 0) throw new ApiError('InvalidArgument', 'FunctionCode is empty');
  if (source.length > CODE_BYTES) throw new ApiError('FunctionSizeLimitExceeded');
  // Whether the code works is found out by TestFunction, or by viewers.
  const code = new EdgeCode(source.toString('utf8'));
  const changed = withStage(state, 'DEVELOPMENT', { code, comment, runtime, lastModified: now });
  // The SDK reads the new entity tag from a header that is spelt so.
  const headers = { ettag: changed.function.stages.DEVELOPMENT.etag };
  return {
    ...xmlReply(headers, 'FunctionSummary', summarize(changed, 'DEVELOPMENT')),
    changes: [{ kind: 'UpdateFunction', state: changed }],
  };
}

function testFunction(state: AwsState, request: ApiRequest, computeUtilization: string): Outcome {
  const document = parseXml(request.body, 'TestFunctionRequest');
  const name = findStage(textOf(document, 'Stage') ?? null);
  const stage = stageOf(state, request, name);
  // Its reference lists no PreconditionFailed: an old entity tag is "not valid" like any other.
  if (request.headers['if-match'] !== stage.etag) throw new ApiError('InvalidIfMatchVersion');
  const event = parseEvent(decodeBase64(document, 'EventObject'));
  const run = stage.code.run(event, RUN_LIMIT_MS);
  const { logs, ...output } = run;
  const error = 'error' in output ? output.error : '';
  return xmlReply({}, 'TestResult', [
    ['FunctionSummary', summarize(state, name)],
    ['ComputeUtilization', computeUtilization],
    ['FunctionExecutionLogs', logs.map((line): XmlElement => ['member', line])],
    ['FunctionErrorMessage', error],
    ['FunctionOutput', error === '' ? JSON.stringify(output) : ''],
  ]);
}

function findStage(name: string | null): StageName {
  if (name === null || name === 'DEVELOPMENT') return 'DEVELOPMENT';
  if (name === 'LIVE') return 'LIVE';
  throw new ApiError('InvalidArgument', 'Stage: DEVELOPMENT or LIVE');
}

/** @throws ApiError NoSuchFunctionExists */
function stageOf(state: AwsState, { resource }: ApiRequest, name: StageName): FunctionStage {
  if (resource !== state.function.name) throw new ApiError('NoSuchFunctionExists');
  return state.function.stages[name];
}

/** @throws ApiError InvalidIfMatchVersion where there is none, PreconditionFailed where it is an old one */
function checkIfMatch({ headers }: ApiRequest, { etag }: FunctionStage): void {
  const tag = headers['if-match'];
  if (tag === undefined || !/^E[0-9A-Z]+$/.test(tag)) throw new ApiError('InvalidIfMatchVersion');
  if (tag !== etag) throw new ApiError('PreconditionFailed');
}

function summarize(state: AwsState, name: StageName): XmlElement[] {
  const { comment, runtime, lastModified } = state.function.stages[name];
  return [
    ['Name', state.function.name],
    // What it says while a change is on its way is not documented: nothing should rely on it.
    ['Status', name === 'LIVE' ? 'DEPLOYED' : 'UNPUBLISHED'],
    [
      'FunctionConfig',
      [
        ['Comment', comment],
        ['Runtime', runtime],
      ],
    ],
    [
      'FunctionMetadata',
      [
        ['FunctionARN', arnOf(state)],
        ['Stage', name],
        ['CreatedTime', state.function.createdTime],
        ['LastModifiedTime', lastModified],
      ],
    ],
  ];
}

function decodeBase64(document: ParsedXml, name: string): Buffer {
  const text = textOf(document, name) ?? '';
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text)
    throw new ApiError('InvalidArgument', `${name} is no base64`);
  return bytes;
}

function parseEvent(bytes: Buffer): EdgeEvent {
  let event: unknown;
  try {
    event = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new ApiError('InvalidArgument', 'EventObject is no JSON');
  }
  return checkEvent(event);
}

function xmlReply(
  headers: Readonly<Record<string, string>>,
  root: string,
  children: readonly XmlElement[],
): Outcome {
  const body = toXml(root, children, CLOUDFRONT_NAMESPACE);
  return reply(200, { ...headers, 'content-type': 'text/xml' }, body);
}
