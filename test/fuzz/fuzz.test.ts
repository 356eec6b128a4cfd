import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EDGES } from '../engines/edges.ts';
import { partOf, seeds } from '../random.ts';
import { describeFailure, fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

/** All targets together take a minute where tests are thorough. */
const MILLISECONDS = partOf(60_000) / Object.keys(TARGETS).length;

for (const [name, start] of Object.entries(TARGETS)) {
  const skip = name === 'queries' && (EDGES['nginx']?.skip || EDGES['CloudFront']?.skip || false);
  test(`on odd inputs the reader of ${name} keeps its promises`, { skip }, async (t) => {
    const target = await start();
    t.after(() => target.stop?.());
    const [seed = 1] = seeds(1);
    const { inputs, failure } = await fuzz(name, target, { seed, milliseconds: MILLISECONDS });
    t.diagnostic(`${inputs} inputs`);
    assert.equal(failure && describeFailure(name, failure), undefined);
  });
}
