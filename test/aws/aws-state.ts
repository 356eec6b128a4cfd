import { digestOf } from '../../src/lib/digests.ts';
import { EdgeCode } from './edge-code.ts';
import { KeyMap } from './key-map.ts';

/** An object of a bucket. */
export interface StoredObject {
  readonly body: Buffer;
  /** With its quotes; the MD5 of the body, as in S3 for what one PutObject wrote. */
  readonly etag: string;
  /** What every answer that carries it says: `content-type`, `cache-control`, `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>;
  /** By header, such as `x-amz-checksum-sha256`: those it was uploaded with. */
  readonly checksums: Readonly<Record<string, string>>;
  readonly lastModified: Date;
}

/** A stage of the function. */
export interface FunctionStage {
  readonly code: EdgeCode;
  /** Without quotes, as CloudFront has them. */
  readonly etag: string;
  readonly comment: string;
  readonly runtime: string;
  readonly lastModified: Date;
}

export type StageName = 'DEVELOPMENT' | 'LIVE';

/** Everything that is stored: a value, never changed, so that every moment of a deploy can be kept and looked at. */
export interface AwsState {
  readonly buckets: ReadonlyMap<string, KeyMap<StoredObject>>;
  readonly function: {
    readonly name: string;
    readonly createdTime: Date;
    readonly stages: Readonly<Record<StageName, FunctionStage>>;
  };
  /** It runs the function's LIVE stage and has one bucket as its origin. */
  readonly distribution: { readonly id: string; readonly bucket: string };
  /** How many changes led here; makes entity tags that never come twice. */
  readonly changes: number;
}

/** What a state begins with. */
export interface AwsSetup {
  readonly bucket: string;
  /** Its name. */
  readonly function: string;
  /** Its id. */
  readonly distribution: string;
  /** Of the function, in both stages, as a stack leaves it. Default: one that answers 503. */
  readonly code?: string;
}

const PLACEHOLDER =
  "function handler(event) { return { statusCode: 503, statusDescription: 'Service Unavailable' }; }";

/** An empty bucket, and a function that is published and attached to the distribution. */
export function newState(setup: AwsSetup, now: Date): AwsState {
  const stage = (name: StageName): FunctionStage => ({
    code: new EdgeCode(setup.code ?? PLACEHOLDER),
    etag: toFunctionEtag(name, 0),
    comment: '',
    runtime: 'cloudfront-js-2.0',
    lastModified: now,
  });
  return {
    buckets: new Map([[setup.bucket, KeyMap.empty<StoredObject>()]]),
    function: {
      name: setup.function,
      createdTime: now,
      stages: { DEVELOPMENT: stage('DEVELOPMENT'), LIVE: stage('LIVE') },
    },
    distribution: { id: setup.distribution, bucket: setup.bucket },
    changes: 0,
  };
}

/** The state with an object put, or removed where there is none given. */
export function withObject(
  state: AwsState,
  bucket: string,
  key: string,
  object: StoredObject | undefined,
): AwsState {
  const objects = state.buckets.get(bucket) ?? KeyMap.empty<StoredObject>();
  const changed = object ? objects.set(key, object) : objects.delete(key);
  return {
    ...state,
    buckets: new Map([...state.buckets, [bucket, changed]]),
    changes: state.changes + 1,
  };
}

/** The state with a stage of the function changed; it gets a new entity tag. */
export function withStage(
  state: AwsState,
  name: StageName,
  stage: Omit<FunctionStage, 'etag'>,
): AwsState {
  const changes = state.changes + 1;
  const stages = {
    ...state.function.stages,
    [name]: { ...stage, etag: toFunctionEtag(name, changes) },
  };
  return { ...state, function: { ...state.function, stages }, changes };
}

/** Looks like CloudFront's, such as `ETVPDKIKX0DER`. */
function toFunctionEtag(stage: StageName, changes: number): string {
  const digest = digestOf(`${stage} ${changes}`);
  return `E${BigInt(`0x${digest}`).toString(36).toUpperCase().slice(0, 12)}`;
}
