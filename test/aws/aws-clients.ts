import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { S3Client } from '@aws-sdk/client-s3';
import type { Credentials } from './start-fake-aws.ts';

/** Where the services are, and who asks. */
export interface AwsEndpoint {
  readonly url: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** Clients of the SDK, with nothing set but where the services are and who asks. */
export function awsClients({ url, region, credentials }: AwsEndpoint) {
  const settings = { endpoint: url, region, credentials };
  return {
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    cloudFront: new CloudFrontClient(settings),
  };
}
