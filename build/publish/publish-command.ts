import { CloudFrontClient, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../../src/lib/errors.ts';
import { explainAwsError } from '../../src/publish/aws/aws-error.ts';
import { CloudFrontFunction } from '../../src/publish/aws/cloudfront-function.ts';
import { KeyValueStore } from '../../src/publish/aws/key-value-store.ts';
import { S3Bucket } from '../../src/publish/aws/s3-bucket.ts';
import type { Target } from '../../src/publish/aws/target.ts';
import type { ProbeOptions } from '../../src/publish/probe/site-probe.ts';
import type { PublishSettings } from '../../src/settings/publish-settings.ts';
import { quietSdk } from './quiet-sdk.ts';

/** The input of a command that publishes. */
export interface PublishContext {
  readonly target: Target;
  /** How to ask the site. @throws {UsageError} where its address is not set */
  readonly probe: () => Promise<ProbeOptions>;
}

/** CloudFront is one for all regions, and answers there. */
const CLOUDFRONT_REGION = 'us-east-1';

/** With growing pauses between them, up to some 15 seconds in all. */
const ATTEMPTS = 6;

/** The limit for an answer. */
const ANSWER_LIMIT_MS = 60_000;

/** The settings for where a site is published. */
export const TARGET = ['bucket', 'function', 'keyValueStore', 'region', 'pathStyle'] as const;

/** Those for asking the site whether it has switched over. */
export const PROBE = ['siteUrl', 'distribution', 'probeSeconds'] as const;

/** The end of the help of these commands. */
export const CREDENTIALS =
  'The AWS SDK finds credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID, a role of the machine or of CI.';

/**
 * Lets a command publish: reports refusals of AWS without showing credentials.
 *
 * @throws {UserError} if AWS refuses
 */
export async function publishing<Result>(
  settings: PublishSettings,
  work: (context: PublishContext) => Promise<Result>,
): Promise<Result> {
  quietSdk(process.env);
  try {
    return await work(openTarget(settings));
  } catch (error) {
    throw explainAwsError(error);
  }
}

function openTarget(settings: PublishSettings): PublishContext {
  const connections = { maxSockets: settings.concurrency, keepAlive: true };
  const options = {
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: ANSWER_LIMIT_MS,
      throwOnRequestTimeout: true,
      httpAgent: connections,
      httpsAgent: connections,
    },
  };
  const s3 = new S3Client({
    ...options,
    forcePathStyle: settings.pathStyle,
    ...(settings.region === '' ? {} : { region: settings.region }),
  });
  const edgeOptions = { ...options, region: CLOUDFRONT_REGION };
  const cloudfront = new CloudFrontClient(edgeOptions);
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  return {
    target: {
      bucket: new S3Bucket(s3, settings.bucket),
      edge: new CloudFrontFunction(cloudfront, settings.function),
      ...(settings.keyValueStore !== '' && {
        store: new KeyValueStore(edgeOptions, settings.keyValueStore),
      }),
      sleep,
    },
    probe: async () => ({
      siteUrl: settings.siteUrl || (await findSiteUrl(cloudfront, settings.distribution)),
      fetch,
      now: () => performance.now(),
      sleep,
      patienceMs: settings.probeSeconds * 1000,
    }),
  };
}

/** The first domain name of a distribution, or the one that CloudFront gave it. */
async function findSiteUrl(cloudfront: CloudFrontClient, id: string): Promise<string> {
  if (id === '') {
    throw new UsageError(
      'the address of the site is not set: name it with --site-url or --distribution, or leave the check out with --no-probe',
    );
  }
  const { Distribution } = await cloudfront.send(new GetDistributionCommand({ Id: id }));
  const alias = Distribution?.DistributionConfig?.Aliases?.Items?.[0];
  return `https://${alias ?? Distribution?.DomainName}`;
}
