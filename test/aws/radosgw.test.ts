import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { skipWithoutRadosgw, startRadosgw } from '../engines/radosgw.ts';
import { awsClients } from './aws-clients.ts';
import { runScenario, type StepOutcome } from './s3-scenario.ts';
import { startFakeAws } from './start-fake-aws.ts';

/** What radosgw does otherwise than Amazon's S3, which ours follows as it is documented. */
const DIFFERENCES: Readonly<Record<string, StepOutcome>> = {
  // Its tags have no quotes inside, and it compares with what was sent.
  'If-Match with the right tag': { error: 'PreconditionFailed', status: 412 },
  // S3 User Guide, "Conditional writes": 404, since there is nothing to compare with.
  'If-Match where nothing is': { error: 'PreconditionFailed', status: 412 },
  // It takes x-amz-checksum-… and does not compare.
  'a checksum that is wrong': { ETag: '"9d1e9244ced253f97c4872402e390f9a"' },
  // It does not heed CopySourceIfMatch.
  'a copy of what has another tag': { ETag: '86451652b479ea67edfaa1e6047978e3' },
  // It refuses them too, without a body that says why.
  '1,001 are deleted at once': { error: 'Unknown', status: 400 },
};

test('a bucket of ours does what one of a real S3 server does', {
  skip: skipWithoutRadosgw,
  timeout: 300_000,
}, async (t) => {
  const real = await startRadosgw();
  t.after(() => real.stop());
  const fake = await startFakeAws({ bucket: 'scenario', function: 'f', distribution: 'D' });
  t.after(() => fake.close());
  const realClient = awsClients(real).s3;
  await realClient.send(new CreateBucketCommand({ Bucket: 'scenario' }));
  const expected = await runScenario(realClient, 'scenario');
  const actual = await runScenario(awsClients(fake).s3, 'scenario');
  for (const [step, outcome] of Object.entries(expected)) {
    await t.test(step, () => {
      assert.deepEqual(outcome, DIFFERENCES[step] ?? actual[step]);
      if (step in DIFFERENCES) assert.notDeepEqual(actual[step], outcome, 'is no difference');
    });
  }
});
