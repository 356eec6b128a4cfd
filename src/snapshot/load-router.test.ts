import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toEdgeEvent } from './edge-event.ts';
import { loadRouter } from './load-router.ts';

const event = toEdgeEvent('GET', '/', {});

// source, what it throws when it is loaded
const unusable: [string, RegExp][] = [
  ['', /no function handler/],
  ['const handler = 1;', /no function handler/],
  ['function handler( {', /SyntaxError/],
  ['throw new Error("at the top");', /at the top/],
  ['require("fs"); function handler() {}', /require is not defined/],
  ['process.exit(3); function handler() {}', /process is not defined/],
];

for (const [source, expected] of unusable) {
  test(`the source ${JSON.stringify(source)} is not taken for a router`, () => {
    assert.throws(
      () => loadRouter(source, 'x.js'),
      (error) => expected.test(String(error)),
    );
  });
}

test('a router is evaluated once and keeps its state', () => {
  const router = loadRouter('let n = 0; function handler() { n += 1; return n; }', 'x.js');
  assert.deepEqual([router(event), router(event)], [1, 2]);
});

test('a router has the language, a console that says nothing, and nothing else', () => {
  const router = loadRouter(
    `function handler() {
      console.log('unheard');
      let evaluated = 'no eval';
      try { evaluated = Function('return 1')(); } catch (e) {}
      return [decodeURIComponent('%20'), JSON.stringify(Object.keys({ a: 1 })), evaluated,
        typeof setTimeout, typeof Buffer, typeof fetch, typeof globalThis].join();
    } //`,
    'x.js',
  );
  assert.equal(router(event), ' ,["a"],no eval,undefined,undefined,undefined,undefined');
});

test('a router may declare the names of built-ins, and be strict', () => {
  const router = loadRouter(
    '"use strict";const escape = 1;let Map = 2;function handler() { return [escape, Map, this === undefined].join(); }',
    'x.js',
  );
  assert.equal(router(event), '1,2,true');
});
