import path from 'node:path';
import { CloudFrontClient, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../../src/lib/errors.ts';
import { splitUserInfo } from '../../src/lib/json/user-info.ts';
import { explainAwsError } from '../../src/publish/aws/aws-error.ts';
import { CloudFrontFunction } from '../../src/publish/aws/cloudfront-function.ts';
import { KeyValueStore } from '../../src/publish/aws/key-value-store.ts';
import { S3Bucket } from '../../src/publish/aws/s3-bucket.ts';
import { type Bucket, isCloudFront, type Target } from '../../src/publish/aws/target.ts';
import { followInBucket, followInFolder } from '../../src/publish/hosts/after.ts';
import { BucketPointer } from '../../src/publish/hosts/bucket-pointer.ts';
import { Folder, type Send } from '../../src/publish/hosts/folder.ts';
import { FolderPointer } from '../../src/publish/hosts/folder-pointer.ts';
import { sendLocally } from '../../src/publish/hosts/send-locally.ts';
import { LocalShell, type Shell } from '../../src/publish/hosts/shell.ts';
import { parseSshAddress, Ssh } from '../../src/publish/hosts/ssh.ts';
import type { ProbeOptions } from '../../src/publish/probe/site-probe.ts';
import { type Build, readBuild, readHostBuild } from '../../src/publish/read-build.ts';
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
export const TARGET = [
  'to',
  'bucket',
  'endpoint',
  'function',
  'keyValueStore',
  'region',
  'pathStyle',
] as const;

/** Those for letting the hosts follow, and asking the site whether it has switched over. */
export const PROBE = ['after', 'siteUrl', 'distribution', 'probeSeconds'] as const;

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
  const { close, ...context } = openTarget(settings);
  try {
    return await work(context);
  } catch (error) {
    throw explainAwsError(error);
  } finally {
    await close();
  }
}

/** A target, and what ends the connection to it. */
type Opened = PublishContext & { readonly close: () => Promise<void> };

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function openTarget(settings: PublishSettings): Opened {
  if (settings.to !== '') return openFolder(settings);
  if (settings.bucket === '') {
    throw new UsageError(
      'it is not said where to publish: name a folder with --to, MARKETPLACE_TO or "to" in the configuration file, or a bucket with --bucket, MARKETPLACE_BUCKET or "bucket"',
    );
  }
  if (settings.function !== '') return openEdge(settings);
  if (settings.endpoint !== '') return openBucket(settings);
  throw new UsageError(
    'the function is not set: name the CloudFront Function with --function, MARKETPLACE_FUNCTION or "function" in the configuration file; if the bucket is not behind CloudFront, name its server with --endpoint',
  );
}

/** A folder that hosts read, here or by ssh. */
function openFolder(settings: PublishSettings): Opened {
  const { to } = settings;
  if (settings.bucket !== '' || settings.function !== '') {
    throw new UsageError('--to names a folder, and --bucket or --function another place: name one');
  }
  const [shell, send, close] = openShell(to);
  const bucket = new Folder(shell, send);
  return {
    ...toHosts(settings, bucket, new FolderPointer(shell, bucket), (command) =>
      followInFolder(shell, command),
    ),
    close,
  };
}

function openShell(to: string): [shell: Shell, send: Send, close: () => Promise<void>] {
  if (to.startsWith('dir:')) {
    const root = path.resolve(to.slice('dir:'.length));
    return [new LocalShell(root, process.env), sendLocally(root), async () => {}];
  }
  const address = parseSshAddress(to);
  if (address === undefined) {
    throw new UsageError(
      `--to ${JSON.stringify(to)} is not the address of a folder: ssh://user@host/srv/marketplace`,
    );
  }
  const ssh = new Ssh(address, { environment: process.env, sleep });
  return [ssh, (...args) => ssh.send(...args), () => ssh.close()];
}

/** A bucket that hosts other than CloudFront read. */
function openBucket(settings: PublishSettings): Opened {
  const bucket = new S3Bucket(makeS3(settings), settings.bucket);
  const pointer = new BucketPointer(bucket, () => new Date());
  return {
    ...toHosts(settings, bucket, pointer, (command) =>
      followInBucket({ bucket, pointer, environment: process.env }, command),
    ),
    close: async () => {},
  };
}

function toHosts(
  { after, siteUrl, probeSeconds }: PublishSettings,
  bucket: Bucket,
  edge: Target['edge'],
  follow: (command: string) => Promise<void>,
): PublishContext {
  return {
    target: { bucket, edge, sleep, ...(after !== '' && { after: () => follow(after) }) },
    probe: async () => {
      if (siteUrl === '') {
        throw new UsageError(
          'the address of the site is not set: name it with --site-url, or leave the check out with --no-probe',
        );
      }
      return { ...probeOptions(siteUrl, probeSeconds), isByRules: true };
    },
  };
}

function probeOptions(given: string, probeSeconds: number): ProbeOptions {
  const { url: siteUrl, authorization } = splitUserInfo(given);
  const now = () => performance.now();
  return { siteUrl, authorization, fetch, now, sleep, patienceMs: probeSeconds * 1000 };
}

/** Waits and repetitions of the clients. */
function clientOptions(settings: PublishSettings) {
  const connections = { maxSockets: settings.concurrency, keepAlive: true };
  return {
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: ANSWER_LIMIT_MS,
      throwOnRequestTimeout: true,
      httpAgent: connections,
      httpsAgent: connections,
    },
  };
}

function makeS3(settings: PublishSettings): S3Client {
  return new S3Client({
    ...clientOptions(settings),
    forcePathStyle: settings.pathStyle,
    ...(settings.region === '' ? {} : { region: settings.region }),
    ...(settings.endpoint === '' ? {} : { endpoint: settings.endpoint }),
  });
}

/** A bucket behind CloudFront. */
function openEdge(settings: PublishSettings): Opened {
  const edgeOptions = { ...clientOptions(settings), region: CLOUDFRONT_REGION };
  const cloudfront = new CloudFrontClient(edgeOptions);
  return {
    target: {
      bucket: new S3Bucket(makeS3(settings), settings.bucket),
      edge: new CloudFrontFunction(cloudfront, settings.function),
      ...(settings.keyValueStore !== '' && {
        store: new KeyValueStore(edgeOptions, settings.keyValueStore),
      }),
      authorization: splitUserInfo(settings.siteUrl).authorization,
      sleep,
    },
    probe: async () => {
      const { siteUrl, distribution, probeSeconds } = settings;
      return probeOptions(siteUrl || (await findSiteUrl(cloudfront, distribution)), probeSeconds);
    },
    close: async () => {},
  };
}

/** Reads a build for a target. */
export async function readBuildFor(target: Target, dir: string): Promise<Build> {
  return await (isCloudFront(target) ? readBuild : readHostBuild)(dir);
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
