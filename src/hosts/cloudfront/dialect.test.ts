import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { runInNjs, skipWithoutNjs } from '../../../test/engines/edge-function.ts';
import { seededRandom } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { plannedSite } from '../../../test/sites/planned-site.ts';
import { bundleCloudFrontFunction } from '../bundle-router.ts';

const { code, plan } = await plannedSite(randomCatalog(seededRandom(1)));
const stored = await bundleCloudFrontFunction({ ...plan.table, blocks: 1 });

/** Each function, and the same as a script, without the module that CloudFront alone has. */
const FUNCTIONS = [
  ['that carries everything', code, code],
  ['that reads a store', stored, stored.replace(/^import (\w+) from"cloudfront";/, 'var $1;')],
] as const;

/** What docs/edge.md lists as absent, beside syntax: names of the library. */
const ABSENT =
  /\b(Map|Set|WeakMap|Symbol|Proxy|Reflect|Promise|URL|URLSearchParams|eval|setTimeout|fetch)\b|\.(from|fromEntries|flat|flatMap|at|replaceAll|matchAll|normalize|localeCompare)\(|\(\?<[=!]|\bconsole\b/;

/** What is in the dialect is printed as it is; the rest is lowered, or refused. */
async function assertDialect(script: string): Promise<void> {
  const supported = {
    ...{ arrow: true, 'const-and-let': true, 'template-literal': true },
    ...{ 'exponent-operator': true, 'async-await': true },
  };
  const lowered = await transform(script, { target: 'es5', supported, format: 'esm' });
  const { code } = await transform(script, { target: 'esnext', format: 'esm' });
  assert.equal(lowered.code, code);
  assert.doesNotMatch(code.replace(/"(?:[^"\\]|\\.)*"/g, '""'), ABSENT);
}

for (const [what, script, plain] of FUNCTIONS) {
  test(`the function ${what} keeps to the dialect of CloudFront`, () => assertDialect(script));

  test(`the function ${what} is compiled by njs`, { skip: skipWithoutNjs }, () => {
    assert.deepEqual(runInNjs(plain, []), []);
  });
}

// What CloudFront does not know.
const UNKNOWN = [
  ...['let [a] = [0]', 'f(...[0])', 'for (const a of []) f()', 'function f(a = 0) {}', 'a?.b'],
  ...['a ?? b', 'class A {}', 'function* f() {}', '({ ...a })', 'try {} catch {}', 'new Map()'],
  ...['a.at(-1)', 'Array.from(a)', 'Object.fromEntries(a)', '/(?<=a)b/', 'console.log(a)'],
];

for (const statement of UNKNOWN) {
  test(`the check of the dialect finds ${statement}`, async () => {
    await assert.rejects(assertDialect(`${stored}\n${statement};`));
  });
}
