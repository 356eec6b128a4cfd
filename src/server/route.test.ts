import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Site } from './load-site.ts';
import { route } from './route.ts';
import { toSiteFile } from './site-file.ts';

const sha256 = '0'.repeat(64);
const listed = { path: 'snapshots/ab/a.json', size: 2, sha256, contentType: 'application/json' };

/** A site whose router returns this, whatever it is asked. */
function siteWith(returned: unknown): Site {
  return {
    id: 'ab',
    root: '/nowhere',
    router: (() => returned) as unknown as Site['router'],
    files: new Map([[`/${listed.path}`, toSiteFile(listed)]]),
    fingerprint: '',
  };
}

const ask = (returned: unknown) => route(siteWith(returned), 'GET', '/a?b=c', {});

test('what HTTP itself decides on, a router does not, in whatever case it says so', () => {
  const values = Object.fromEntries(
    ['Connection', 'content-length', 'Date', 'TRANSFER-ENCODING', 'X-Own', 'Content-Type'].map(
      (name) => [name, { value: `the ${name}` }],
    ),
  );
  const routed = ask({ statusCode: 400, headers: { ...values, broken: null }, body: 'x' });
  assert.ok('reply' in routed);
  assert.equal(routed.reply.status, 400);
  assert.deepEqual(routed.reply.headers, [
    ...['X-Own', 'the X-Own'],
    ...['Content-Type', 'the Content-Type'],
  ]);
  assert.equal(routed.reply.body.toString(), 'x');
});

test('a file that is listed is sent, an address that the router leaves as it is leads nowhere', () => {
  const found = ask({ uri: `/${listed.path}` });
  assert.equal('file' in found && found.file.path, listed.path);
  const lost = ask({ uri: '/a' });
  assert.equal('reply' in lost && lost.reply.status, 404);
});

// What a router returns that it must not, what is said of it.
const bugs: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /returned neither a request nor a response/],
  [null, /returned neither a request nor a response/],
  ['text', /returned neither a request nor a response/],
  [{}, /a request without a uri/],
  [{ uri: 1 }, /a request without a uri/],
  [{ uri: '/snapshots/ab/ghost.json' }, /names \/snapshots\/ab\/ghost\.json, which .* not list/],
  [{ uri: `${listed.path}` }, /which snapshot\.json does not list/],
  [{ statusCode: 199 }, /returned the status 199/],
  [{ statusCode: 600 }, /returned the status 600/],
  [{ statusCode: '200' }, /returned the status 200/],
  [{ statusCode: 200.5 }, /returned the status 200\.5/],
  [{ statusCode: 200, body: {} }, /a body that is not a string/],
];

for (const [returned, expected] of bugs) {
  test(`a router that returns ${JSON.stringify(returned)} has a bug, and is not believed`, () => {
    assert.throws(() => ask(returned), expected);
  });
}
