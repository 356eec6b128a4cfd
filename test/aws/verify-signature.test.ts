import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeFunctionCommand } from '@aws-sdk/client-cloudfront';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { digestOf } from '../../src/lib/digests.ts';
import { toApiRequest } from './api-request.ts';
import { awsClients } from './aws-clients.ts';
import { ODD_KEYS } from './s3-scenario.ts';
import { startFakeAws } from './start-fake-aws.ts';
import { verifySignature } from './verify-signature.ts';

const setup = { bucket: 'b', function: 'f', distribution: 'D' };

// Worked examples of "Authenticating Requests: Using the Authorization Header" in the S3 API reference.
// method, target, headers that are signed beside those of every request, body, signature
const examples: [string, string, Record<string, string>, string, string][] = [
  [
    'GET',
    '/test.txt',
    { range: 'bytes=0-9' },
    '',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT',
    '/test%24file.text',
    { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    'Welcome to Amazon S3.',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'GET',
    '/?lifecycle',
    {},
    '',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'GET',
    '/?max-keys=2&prefix=J',
    {},
    '',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
];
const signers = {
  secrets: new Map([['AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY']]),
  region: 'us-east-1',
};

for (const [method, target, more, body, signature] of examples) {
  const headers: Record<string, string> = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': digestOf(body),
    'x-amz-date': '20130524T000000Z',
    ...more,
  };
  const names = Object.keys(headers).sort().join(';');
  const authorize = (signature: string) =>
    toApiRequest({
      method,
      target,
      body: Buffer.from(body),
      headers: {
        ...headers,
        authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`,
      },
    });
  const now = new Date('2013-05-24T00:00:00Z');

  test(`${method} ${target} is signed as in S3's documentation`, () => {
    verifySignature(authorize(signature), signers, now);
    const other = signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    assert.throws(() => verifySignature(authorize(other), signers, now), {
      code: 'SignatureDoesNotMatch',
    });
  });
}

for (const key of ODD_KEYS) {
  test(`the SDK's signature of the key ${key} is right`, async (t) => {
    const aws = await startFakeAws(setup);
    t.after(() => aws.close());
    await awsClients(aws).s3.send(new PutObjectCommand({ Bucket: 'b', Key: key, Body: 'x' }));
    assert.deepEqual(aws.state.buckets.get('b')?.keys(), [key]);
  });
}

// what is wrong, settings of the clients, error of S3, of CloudFront
const wrongClients: [string, object, string, string][] = [
  [
    'the secret',
    { credentials: { accessKeyId: 'TESTCLIENT', secretAccessKey: 'guessed' } },
    'SignatureDoesNotMatch',
    'SignatureDoesNotMatch',
  ],
  [
    'the access key id',
    { credentials: { accessKeyId: 'SOMEONE', secretAccessKey: 'secret' } },
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
  ],
  ['the region', { region: 'eu-west-1' }, 'AuthorizationHeaderMalformed', 'SignatureDoesNotMatch'],
];

for (const [what, settings, s3Code, cloudFrontCode] of wrongClients) {
  test(`a request is refused, and has no effect, where ${what} is wrong`, async (t) => {
    const aws = await startFakeAws(setup);
    t.after(() => aws.close());
    const { s3, cloudFront } = awsClients({ ...aws, ...settings });
    const put = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' });
    await assert.rejects(s3.send(put), { name: s3Code });
    await assert.rejects(cloudFront.send(new DescribeFunctionCommand({ Name: 'f' })), {
      name: cloudFrontCode,
    });
    assert.deepEqual(aws.effects, []);
    assert.equal(aws.requests[0]?.error, s3Code);
  });
}

test('a request signed by a clock that is an hour off is refused', async (t) => {
  const aws = await startFakeAws(setup);
  t.after(() => aws.close());
  const { s3, cloudFront } = awsClients(aws);
  for (const { config } of [s3, cloudFront]) config.systemClockOffset = -3_600_000;
  const put = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' });
  await assert.rejects(s3.send(put), { name: 'RequestTimeTooSkewed' });
  await assert.rejects(cloudFront.send(new DescribeFunctionCommand({ Name: 'f' })), {
    name: 'SignatureDoesNotMatch',
  });
  assert.deepEqual(aws.effects, []);
});

// what is changed after signing, how, the error
const changes: [string, (request: SignedRequest) => void, string][] = [
  [
    'a header that is signed',
    ({ headers }) => set(headers, 'x-amz-meta-a', 'c'),
    'SignatureDoesNotMatch',
  ],
  ['an added header', ({ headers }) => set(headers, 'x-amz-meta-z', '1'), 'AccessDenied'],
  ['the path', (request) => set(request, 'path', '/b/other'), 'SignatureDoesNotMatch'],
  ['the method', (request) => set(request, 'method', 'DELETE'), 'SignatureDoesNotMatch'],
  ['the body', (request) => set(request, 'body', Buffer.from('y')), 'XAmzContentSHA256Mismatch'],
];

interface SignedRequest {
  readonly headers: object;
}

const set = (target: object, name: string, value: unknown) =>
  Object.assign(target, { [name]: value });

for (const [what, change, code] of changes) {
  test(`a request is refused where ${what} is changed after signing`, async (t) => {
    const aws = await startFakeAws(setup);
    t.after(() => aws.close());
    const { s3 } = awsClients(aws);
    s3.middlewareStack.add(
      (next) => (args) => {
        change(args.request as SignedRequest);
        return next(args);
      },
      { step: 'deserialize' },
    );
    const put = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x', Metadata: { a: 'b' } });
    await assert.rejects(s3.send(put), { name: code });
    assert.deepEqual(aws.effects, []);
  });
}

test('an unsigned request is refused', async (t) => {
  const aws = await startFakeAws(setup);
  t.after(() => aws.close());
  const s3 = await fetch(`${aws.url}/b/k`);
  assert.equal(s3.status, 403);
  assert.match(await s3.text(), /<Code>AccessDenied</);
  const cloudFront = await fetch(`${aws.url}/2020-05-31/function/f/describe`);
  assert.equal(cloudFront.status, 403);
  assert.match(await cloudFront.text(), /<Code>MissingAuthenticationToken</);
});
