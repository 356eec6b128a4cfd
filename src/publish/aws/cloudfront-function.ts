import {
  type CloudFrontClient,
  DescribeFunctionCommand,
  FunctionRuntime,
  GetFunctionCommand,
  PublishFunctionCommand,
  TestFunctionCommand,
  UpdateFunctionCommand,
} from '@aws-sdk/client-cloudfront';
import { isAwsError } from './aws-error.ts';
import type { EdgeFunction, FunctionTest, FunctionUpload, Stage, StagedCode } from './target.ts';

/** A comment on a function has at most 128 characters. */
const COMMENT_LIMIT = 128;

/** A function of CloudFront's. */
export class CloudFrontFunction implements EdgeFunction {
  readonly name: string;
  readonly #client: CloudFrontClient;

  constructor(client: CloudFrontClient, name: string) {
    this.name = name;
    this.#client = client;
  }

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

  async publishedAt(): Promise<Date> {
    const { FunctionSummary } = await this.#client.send(
      new DescribeFunctionCommand({ Name: this.name, Stage: 'LIVE' }),
    );
    return FunctionSummary?.FunctionMetadata?.LastModifiedTime ?? new Date(0);
  }

  async update({ code, comment, storeArn }: FunctionUpload, etag: string): Promise<string> {
    const { ETag } = await this.#client.send(
      new UpdateFunctionCommand({
        Name: this.name,
        IfMatch: etag,
        FunctionConfig: {
          Comment: comment.slice(0, COMMENT_LIMIT),
          Runtime: FunctionRuntime.cloudfront_js_2_0,
          ...(storeArn !== undefined && {
            KeyValueStoreAssociations: { Quantity: 1, Items: [{ KeyValueStoreARN: storeArn }] },
          }),
        },
        FunctionCode: Buffer.from(code),
      }),
    );
    return ETag ?? '';
  }

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

  async publish(etag: string): Promise<void> {
    await this.#client.send(new PublishFunctionCommand({ Name: this.name, IfMatch: etag }));
  }
}
