import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickAssets } from './pick-assets.ts';

/** The files picked from these names, in a line: the bundle, its signature, the bundles of platforms. */
function pick(names: readonly string[], pattern?: string, tag = 'v1.2.0'): string {
  const assets = names.map((name) => ({ name, url: name, updatedAt: '' }));
  const picked = pickAssets(assets, { tag, version: tag.replace(/^\D*/, ''), pattern });
  if ('lacking' in picked) return `lacking: ${picked.lacking}`;
  if ('unclear' in picked) return `unclear: ${picked.unclear}`;
  const { common, platforms } = picked;
  const bundles = Object.entries(platforms).map(([platform, { url }]) => `${platform}=${url}`);
  return [common.url, common.signatureUrl, ...bundles].filter(Boolean).join(' ');
}

const usual = 'p-1.2.0.tar.gz';
const fips = 'p-v1.2.0+a1b2-fips-linux-amd64.tar.gz';
const commonFips = 'p-1.2.0+a1b2-fips.tar.gz';

// The files, the setting "asset", what is picked.
const cases: readonly (readonly [string[], string | undefined, string | RegExp])[] = [
  [[usual], undefined, usual],
  [[usual, `${usual}.asc`, `${usual}.sig`], undefined, `${usual} ${usual}.sig`],
  [
    [usual, 'p-1.2.0-osx-amd64.tar.gz'],
    undefined,
    `${usual} darwin-amd64=p-1.2.0-osx-amd64.tar.gz`,
  ],
  [
    [usual, 'p-1.2.0-freebsd-amd64.tar.gz', 'p-1.2.0-linux-arm.tar.gz'],
    undefined,
    `${usual} freebsd-amd64=p-1.2.0-freebsd-amd64.tar.gz linux-arm=p-1.2.0-linux-arm.tar.gz`,
  ],
  // A FIPS bundle is not one of the usual ones, whether it comes before or after them.
  [[usual, fips], undefined, usual],
  [
    [fips, 'p-1.2.0-linux-amd64.tar.gz', usual],
    undefined,
    `${usual} linux-amd64=p-1.2.0-linux-amd64.tar.gz`,
  ],
  [
    ['p-1.2.0-linux-amd64.tar.gz', fips, usual],
    undefined,
    `${usual} linux-amd64=p-1.2.0-linux-amd64.tar.gz`,
  ],
  [
    [usual, commonFips],
    undefined,
    /^unclear: has several bundles: .*"asset": "p-\{version\}\.tar\.gz"$/,
  ],
  [
    [usual, 'docs.tar.gz'],
    undefined,
    /^unclear: has several bundles: p-1\.2\.0\.tar\.gz, docs\.tar\.gz — /,
  ],
  [[usual, 'docs.tar.gz'], 'p-*.tar.gz', usual],
  [[usual, 'docs.tar.gz'], 'p-{version}.tar.gz', usual],
  [['p-v1.2.0.tar.gz', 'docs.tar.gz'], '*-{tag}.tar.gz', 'p-v1.2.0.tar.gz'],
  [[usual, commonFips], 'p-{version}+*-fips.tar.gz', commonFips],
  [
    [usual, 'p-1.2.0%2Ba1b2-fips.tar.gz'],
    'p-{version}+*-fips.tar.gz',
    'p-1.2.0%2Ba1b2-fips.tar.gz',
  ],
  [[usual, 'p-1.2.0-linux-amd64.tar.gz'], 'p-*', `${usual} linux-amd64=p-1.2.0-linux-amd64.tar.gz`],
  [[usual, `${usual}.sig`, 'p-1.2.0.zip'], 'p-*.tar.gz*', `${usual} ${usual}.sig`],
  [['p-1.2.0-linux-amd64.tar.gz'], '*-linux-amd64.tar.gz', 'p-1.2.0-linux-amd64.tar.gz'],
  [
    ['p-1.2.0-linux-amd64.tar.gz', 'p-1.2.0-windows-amd64.tar.gz'],
    '*-linux-amd64.tar.gz',
    'p-1.2.0-linux-amd64.tar.gz windows-amd64=p-1.2.0-windows-amd64.tar.gz',
  ],
  [['p-1.2.0.tgz', 'docs.tgz', 'p-1.2.0.tgz.sig'], 'p-*.tgz', 'p-1.2.0.tgz p-1.2.0.tgz.sig'],
  // A pattern is not a regular expression, and matches the whole name.
  [
    ['p-1x2x0.tar.gz'],
    'p-{version}.tar.gz',
    /^lacking: has no file that "asset": .* fits, only p-1x2x0/,
  ],
  [['xp-1.2.0.tar.gz'], 'p-{version}.tar.gz', /^lacking/],
  [
    [usual, 'p-1.2.0-docs.tar.gz'],
    'p-*.tar.gz',
    /^unclear: has several bundles that "asset": "p-\*\.tar\.gz" fits: /,
  ],
  [[], undefined, 'lacking: has no files, and so no bundle'],
  [[], 'p-*.tar.gz', 'lacking: has no files, and so no bundle'],
  [['p.tgz'], undefined, /^lacking: .*only p\.tgz; name the file to take in "asset"/],
  [
    ['p-linux-amd64.tar.gz'],
    undefined,
    /^lacking: has no bundle.*for every platform, only p-linux/,
  ],
  [
    ['p.zip', 'p.tar.gz.sig'],
    undefined,
    /^lacking: .*only p\.zip, p\.tar\.gz\.sig; name the file to take in "asset"/,
  ],
];

for (const [names, pattern, expected] of cases) {
  test(`of ${names.join(', ') || 'nothing'}, "asset": ${pattern ?? 'not set'} takes ${expected}`, () => {
    const picked = pick(names, pattern);
    if (expected instanceof RegExp) assert.match(picked, expected);
    else assert.equal(picked, expected);
  });
}
