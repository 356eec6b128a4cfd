import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { Bucket } from '../../../src/publish/aws/bucket.ts';
import { planUpload, servedFiles } from '../../../src/publish/plan-upload.ts';
import type { Build } from '../../../src/publish/read-build.ts';
import { upload } from '../../../src/publish/upload.ts';
import type { AwsEndpoint } from '../../../test/aws/aws-clients.ts';
import { quietSdk } from '../../publish/quiet-sdk.ts';

const BUCKET = 'bench';

/**
 * Two ways to bring a build into an empty bucket, each giving the milliseconds it took: that of a deploy, which checks every
 * file and has the server check it, and a bare loop that reads a file and sends it.
 */
export async function timeUploads(
  { url, region, credentials }: AwsEndpoint,
  build: Build,
  concurrency: number,
) {
  const connections = { maxSockets: concurrency, keepAlive: true };
  quietSdk(process.env);
  const s3 = new S3Client({
    endpoint: url,
    region,
    credentials,
    forcePathStyle: true,
    requestHandler: { httpAgent: connections },
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const bucket = new Bucket(s3, BUCKET);
  const time = async (run: () => Promise<unknown>) => {
    const startMs = performance.now();
    await run();
    const tookMs = performance.now() - startMs;
    const objects = await bucket.list('');
    await bucket.remove(
      objects.map(({ key }) => key),
      async () => true,
    );
    return tookMs;
  };
  return {
    upload: () =>
      time(() => {
        const { transfers } = planUpload(build.snapshot, [], undefined);
        return upload({ bucket, build, transfers, concurrency });
      }),
    bare: () =>
      time(() =>
        pLimit(concurrency).map(servedFiles(build.snapshot), async (file) => {
          const Body = await readFile(path.join(build.dir, file.path));
          await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: file.path, Body }));
        }),
      ),
  };
}
