import { CloudFrontClient, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../../src/lib/errors.ts';
import { explainAwsError } from '../../src/publish/aws/aws-error.ts';
import { CloudFrontFunction } from '../../src/publish/aws/cloudfront-function.ts';
import { S3Bucket } from '../../src/publish/aws/s3-bucket.ts';
import type { Target } from '../../src/publish/aws/target.ts';
import type { ProbeOptions } from '../../src/publish/probe/site-probe.ts';
import type { PublishSettings } from '../../src/settings/publish-settings.ts';
import { type FlagValues, readPublishSettings } from '../../src/settings/read-settings.ts';
import { runCommand } from '../cli/cli.ts';
import { quietSdk } from './quiet-sdk.ts';

/** The lines of a command's help for where a site is published. */
export const TARGET_HELP = `\
  --bucket NAME         the S3 bucket                                       (MARKETPLACE_BUCKET)
  --function NAME       the CloudFront Function                             (MARKETPLACE_FUNCTION)
  --region REGION       the region of the bucket                            (what the AWS SDK finds)
  --path-style on|off   the bucket's name in the path, for other S3 servers (off)
  --config FILE         settings as JSON                                    (marketplace.config.json)
  --json                the result as JSON

Credentials are found by the AWS SDK: AWS_PROFILE, AWS_ACCESS_KEY_ID, a role of the machine or of CI.`;

/** The lines of a command's help for how the site is asked whether it has switched over. */
export const PROBE_HELP = `\
  --site-url URL        where viewers find the site                         (the name of the distribution)
  --distribution ID     the CloudFront distribution                         (MARKETPLACE_DISTRIBUTION)
  --probe-seconds N     how long to wait for the site to switch over        (300)
  --no-probe            do not ask the site`;

/** What a command that publishes works with. */
export interface PublishContext {
  readonly settings: PublishSettings;
  readonly target: Target;
  /** How to ask the site. @throws {UsageError} where nobody told its address */
  readonly probe: () => Promise<ProbeOptions>;
}

/** CloudFront is one for all regions, and answers there. */
const CLOUDFRONT_REGION = 'us-east-1';

/** With pauses that grow between them, together up to some 15 seconds. */
const ATTEMPTS = 6;

/** An answer that takes longer is none. */
const ANSWER_LIMIT_MS = 60_000;

/** Runs a command that publishes, as `runCommand` does: what AWS refuses is told in words, and nothing of the credentials. */
export async function runPublishCommand(
  help: string,
  command: (args: string[]) => Promise<void>,
): Promise<void> {
  await runCommand(help, async (args) => {
    quietSdk(process.env);
    try {
      await command(args);
    } catch (error) {
      throw explainAwsError(error);
    }
  });
}

/** @throws {UsageError} where it is not set what to publish to */
export async function openTarget(flags: FlagValues): Promise<PublishContext> {
  const settings = await readPublishSettings(flags, process.env, process.cwd());
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
  const cloudfront = new CloudFrontClient({ ...options, region: CLOUDFRONT_REGION });
  return {
    settings,
    target: {
      bucket: new S3Bucket(s3, settings.bucket),
      edge: new CloudFrontFunction(cloudfront, settings.function),
    },
    probe: async () => ({
      siteUrl: settings.siteUrl || (await findSiteUrl(cloudfront, settings.distribution)),
      fetch,
      now: () => performance.now(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      patienceMs: settings.probeSeconds * 1000,
    }),
  };
}

/** The first domain name of a distribution, or the one that CloudFront gave it. */
async function findSiteUrl(cloudfront: CloudFrontClient, id: string): Promise<string> {
  if (id === '') {
    throw new UsageError(
      'how to ask the site is not set: name it with --site-url or --distribution, or say --no-probe',
    );
  }
  const { Distribution } = await cloudfront.send(new GetDistributionCommand({ Id: id }));
  const alias = Distribution?.DistributionConfig?.Aliases?.Items?.[0];
  return `https://${alias ?? Distribution?.DomainName}`;
}
