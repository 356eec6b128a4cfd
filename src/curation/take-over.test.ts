import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTakeOver } from './take-over.ts';

function entry(id: string) {
  return { manifest: { id, version: '1.0.0' }, repo_name: 'ours' } as unknown as Parameters<
    typeof findTakeOver
  >[0][number];
}

// The id that the catalog has, and one that servers install in its place.
const SAME_ID: readonly (readonly [string, string])[] = [
  ['com.acme.hi', 'com.acme.h\u0130'],
  ['com.acme.h\u0130', 'com.acme.HI'],
  ['com.acme.link', 'com.acme.lin\u212a'],
  ['com.acme.\u0130\u0130', 'com.acme.iI'],
];

for (const [known, id] of SAME_ID) {
  test(`${JSON.stringify(id)} takes ${JSON.stringify(known)} over, for servers install both alike`, () => {
    const newcomer = { entry: entry(id), repositories: ['theirs'] };
    assert.match(findTakeOver([entry(known)], newcomer, []) ?? '', /from ours .*not from theirs/);
    assert.equal(findTakeOver([entry(known)], newcomer, [known]), null);
  });
}
