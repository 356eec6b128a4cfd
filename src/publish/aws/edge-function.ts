import {
  type CloudFrontClient,
  DescribeFunctionCommand,
  type FunctionConfig,
  FunctionRuntime,
  GetFunctionCommand,
  PublishFunctionCommand,
  TestFunctionCommand,
  UpdateFunctionCommand,
} from '@aws-sdk/client-cloudfront';
import { isAwsError } from './aws-error.ts';

/** DEVELOPMENT is what was uploaded last, LIVE what viewers' requests go through. */
export type Stage = 'DEVELOPMENT' | 'LIVE';

/** The code of a stage. */
export interface StagedCode {
  readonly code: string;
  /** What a change must name, so that nobody overwrites what he has not seen. */
  readonly etag: string;
}

/** What the function made of an event on CloudFront's own runtime. */
export interface FunctionTest {
  /** The request or response as JSON; empty where it failed. */
  readonly output: string;
  /** Empty where it did not fail. */
  readonly error: string;
  /** Share of the time that a function may take, 0 to 100. */
  readonly computeUtilization: number;
}

/** A comment on a function ends at 128 characters. */
const COMMENT_LIMIT = 128;

/** A CloudFront Function, as far as publishing needs it. Errors are those of the SDK. */
export class EdgeFunction {
  readonly name: string;
  readonly #client: CloudFrontClient;

  constructor(client: CloudFrontClient, name: string) {
    this.name = name;
    this.#client = client;
  }

  /** Undefined where the function, or that stage of it, is not there. */
  async read(stage: Stage): Promise<StagedCode | undefined> {
    try {
      const { FunctionCode, ETag } = await this.#client.send(
        new GetFunctionCommand({ Name: this.name, Stage: stage }),
      );
      return { code: Buffer.from(FunctionCode ?? []).toString(), etag: ETag ?? '' };
    } catch (error) {
      if (isAwsError(error, 'NoSuchFunctionExists')) return undefined;
      throw error;
    }
  }

  /** When the live code was published, by CloudFront's clock. */
  async publishedAt(): Promise<Date> {
    const { FunctionSummary } = await this.#client.send(
      new DescribeFunctionCommand({ Name: this.name, Stage: 'LIVE' }),
    );
    return FunctionSummary?.FunctionMetadata?.LastModifiedTime ?? new Date(0);
  }

  /**
   * Uploads code into DEVELOPMENT, where nobody changed it since `etag`.
   *
   * @returns the entity tag of what was uploaded
   */
  async update(code: string, etag: string, comment: string): Promise<string> {
    const config: FunctionConfig = {
      Comment: comment.slice(0, COMMENT_LIMIT),
      Runtime: FunctionRuntime.cloudfront_js_2_0,
    };
    const { ETag } = await this.#client.send(
      new UpdateFunctionCommand({
        Name: this.name,
        IfMatch: etag,
        FunctionConfig: config,
        FunctionCode: Buffer.from(code),
      }),
    );
    return ETag ?? '';
  }

  /** Runs what is in DEVELOPMENT on an event, as the CloudFront Developer Guide describes it. */
  async test(event: object, etag: string): Promise<FunctionTest> {
    const { TestResult } = await this.#client.send(
      new TestFunctionCommand({
        Name: this.name,
        IfMatch: etag,
        Stage: 'DEVELOPMENT',
        EventObject: Buffer.from(JSON.stringify(event)),
      }),
    );
    return {
      output: TestResult?.FunctionOutput ?? '',
      error: TestResult?.FunctionErrorMessage ?? '',
      computeUtilization: Number(TestResult?.ComputeUtilization || Number.NaN),
    };
  }

  /** Makes what is in DEVELOPMENT live, where it is still that of `etag`. */
  async publish(etag: string): Promise<void> {
    await this.#client.send(new PublishFunctionCommand({ Name: this.name, IfMatch: etag }));
  }
}
