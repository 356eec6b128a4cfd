import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'semver';
import { hasSafeNumbers, STRICT_VERSION } from './strict-version.ts';

// [version, whether it is a strict semantic version]
const versions: [string, boolean][] = [
  ['0.0.0', true],
  ['1.2.3-rc1', true],
  ['1.2.3-0.a.0a.-', true],
  ['1.2.3--01', true],
  ['1.2.3+001.-', true],
  ['1.2.3-a+b', true],
  ['9007199254740991.0.0', true],
  ['', false],
  ['1', false],
  ['1.2', false],
  ['1.2.3.4', false],
  ['v1.2.3', false],
  ['=1.2.3', false],
  [' 1.2.3', false],
  ['1.2.3\n', false],
  ['01.2.3', false],
  ['1.2.03', false],
  ['1.2.3-01', false],
  ['1.2.3-a_b', false],
  ['1.2.3-', false],
  ['1.2.3+', false],
  ['1.2.3+a+b', false],
  ['1.2.３', false],
];

test('a strict version is three numbers and optional prerelease and build, nothing around them', () => {
  for (const [version, expected] of versions) {
    assert.equal(STRICT_VERSION.test(version), expected, JSON.stringify(version));
  }
});

test('every strict version with safe numbers is one for the semver package', () => {
  for (const [version] of versions.filter(([, strict]) => strict)) {
    assert.ok(hasSafeNumbers(version), version);
    assert.notEqual(parse(version), null, version);
  }
});

// [version, whether its numbers are exact]
const numbers: [string, boolean][] = [
  ['9007199254740991.9007199254740991.9007199254740991-9007199254740991', true],
  ['1.2.3-rc99999999999999999999', true],
  ['1.2.3-a-99999999999999999999', true],
  ['1.2.3+99999999999999999999', true],
  ['9007199254740992.0.0', false],
  ['1.2.3-9007199254740993', false],
  ['1.2.3-a.9007199254740993', false],
];

test('only numbers that order a version must be exact', () => {
  for (const [version, expected] of numbers) {
    assert.equal(hasSafeNumbers(version), expected, version);
  }
});
