import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { S3Bucket } from '../../../src/publish/aws/s3-bucket.ts';
import { MOST_REMOVED } from '../../../src/publish/aws/target.ts';
import type { Build } from '../../../src/publish/read-build.ts';
import { planUpload, upload } from '../../../src/publish/upload.ts';
import { servedFiles } from '../../../src/snapshot/parse-snapshot.ts';
import type { S3Endpoint } from '../../../test/engines/radosgw.ts';
import { quietSdk } from '../../publish/quiet-sdk.ts';

const BUCKET = 'bench';

/**
 * Times two ways to upload a build into an empty bucket, in milliseconds: that of a deploy, which checks every file and has the
 * server check it, and a bare loop that reads each file and sends it.
 */
export async function timeUploads(endpoint: S3Endpoint, build: Build, concurrency: number) {
  const connections = { maxSockets: concurrency, keepAlive: true };
  quietSdk(process.env);
  const s3 = new S3Client({
    ...endpoint,
    forcePathStyle: true,
    requestHandler: { httpAgent: connections },
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const bucket = new S3Bucket(s3, BUCKET);
  const time = async (run: () => Promise<unknown>) => {
    const startMs = performance.now();
    await run();
    const tookMs = performance.now() - startMs;
    const keys = (await bucket.list('')).map(({ key }) => key);
    while (keys.length > 0) await bucket.remove(keys.splice(0, MOST_REMOVED));
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
