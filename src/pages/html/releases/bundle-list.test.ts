import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementsIn, textIn } from '../../../../test/samples/pieces.ts';
import { rsaSignature } from '../../../../test/samples/rsa-signature.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { type BundleDigests, bundleList, bundleName } from './bundle-list.ts';

// Address, the name of the bundle.
const ADDRESSES: readonly (readonly [string, string])[] = [
  ['https://a.example/jira-4.0.0.tar.gz', 'jira-4.0.0.tar.gz'],
  ['https://a.example/b/jira-4.0.0+1.tar.gz?token=/x', 'jira-4.0.0+1.tar.gz'],
  ['https://a.example/jira.tar.gz#x', 'jira.tar.gz'],
  ['https://a.example/', 'plugin.tar.gz'],
  ['https://a.example/..', 'plugin.tar.gz'],
  ['https://a.example/-rf', 'plugin.tar.gz'],
  ["https://a.example/'$(id)'", 'plugin.tar.gz'],
  ['https://a.example/a%2Fb.tar.gz', 'plugin.tar.gz'],
];

for (const [address, name] of ADDRESSES) {
  test(`the bundle at ${address} is saved as ${name}`, () => {
    assert.equal(bundleName(address), name);
  });
}

const SIGNATURE = rsaSignature(1);
const SIG = Buffer.from(SIGNATURE, 'base64');

function listOf(entry: object, digests: BundleDigests = new Map()) {
  const whole = { ...entry, manifest: { id: 'x', version: '1.0.0' } };
  const [release] = parseCatalog(JSON.stringify([whole]), 'test.json').releases;
  assert.ok(release);
  return bundleList(release, digests);
}

test('the digest of a bundle is shown if it is known', () => {
  const [a, b] = ['https://a.example/x.tar.gz', 'https://a.example/y.tar.gz'];
  const entry = { download_url: a, ...own(b, SIGNATURE) };
  const digests = elementsIn(listOf(entry, new Map([[b, 'abc']])))
    .filter(({ attributes }) => attributes['class'] === 'digest')
    .map(textIn);
  assert.deepEqual(digests, ['SHA-256 |abc']);
});

test('a signature is saved as the bytes that gpg reads, beside its bundle', () => {
  const list = listOf({ download_url: 'https://a.example/x.tar.gz', signature: SIGNATURE });
  const [link] = elementsIn(list).filter(({ attributes }) => attributes['download'] !== undefined);
  const [, base64 = ''] = String(link?.attributes['href']).split(
    'data:application/pgp-signature;base64,',
  );
  assert.deepEqual(Buffer.from(base64, 'base64'), SIG);
  assert.equal(link?.attributes['download'], 'x.tar.gz.sig');
});

const own = (download_url: string, signature: string) => ({
  platforms: { 'linux-arm64': { download_url, signature } },
});

// An entry, what is read of its bundles.
const ENTRIES: readonly (readonly [object, string])[] = [
  [{}, ''],
  [
    { download_url: 'https://a.example/x.tar.gz' },
    'Default bundle|any platform|not signed: servers do not install it from here',
  ],
  [
    { download_url: 'https://a.example/x.tar.gz', signature: 'AAAA' },
    'Default bundle|any platform|not signed: servers do not install it from here',
  ],
  [
    { download_url: 'https://a.example/x.tar.gz', signature: SIGNATURE },
    'Default bundle|any platform|Signature',
  ],
  [
    {
      download_url: 'https://a.example/x.tar.gz',
      signature: SIGNATURE,
      ...own('https://a.example/y.tar.gz', SIGNATURE),
    },
    'Default bundle|any platform|Signature|linux-arm64|Signature',
  ],
  [
    { ...own('https://a.example/y.tar.gz', '') },
    'linux-arm64|not signed: servers get the default bundle',
  ],
];

for (const [entry, expected] of ENTRIES) {
  test(`the bundles of ${JSON.stringify(entry).slice(0, 120)}: ${expected || 'none'}`, () => {
    assert.equal(textIn(listOf(entry)), expected);
  });
}
