import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remember } from './remember.ts';

/** A router that remembers, and the targets for which it had to decide. */
function counted() {
  const asked: string[] = [];
  const router = remember((method, target) => {
    asked.push(`${method} ${target}`);
    return { path: `${method}:${target}` };
  });
  return { router, asked };
}

test('equal requests are decided once, others by themselves', () => {
  const { router, asked } = counted();
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(router('GET', '/a?b=1'), { path: 'GET:/a?b=1' });
    assert.deepEqual(router('HEAD', '/a?b=1'), { path: 'HEAD:/a?b=1' });
    assert.deepEqual(router('GET', '/a?B=1'), { path: 'GET:/a?B=1' });
  }
  assert.deepEqual(asked, ['GET /a?b=1', 'HEAD /a?b=1', 'GET /a?B=1']);
});

test('what was asked for longest ago is forgotten, and what is too long is not kept', () => {
  const { router, asked } = counted();
  router('GET', '/first');
  router('GET', '/second');
  for (let i = 0; i < 2046; i++) router('GET', `/${i}`);
  router('GET', '/one-more');
  router('GET', '/first');
  for (let i = 0; i < 2046; i++) router('GET', `/next/${i}`);
  router('GET', '/and-one-more');
  asked.length = 0;
  router('GET', '/first');
  assert.deepEqual(asked, []);
  router('GET', '/second');
  assert.deepEqual(asked, ['GET /second']);
  const long = `/${'x'.repeat(1000)}`;
  asked.length = 0;
  router('GET', long);
  router('GET', long);
  assert.equal(asked.length, 2);
});
