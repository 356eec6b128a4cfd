import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webLink } from './web-link.ts';

test('an address of the web is linked to as it is', () => {
  for (const address of ['https://example.com/', 'http://h', 'HTTPS://EXAMPLE.COM/a?b#c'])
    assert.equal(webLink(address), address);
});

// Addresses with which a browser does not open a web page.
const others: readonly unknown[] = [
  'javascript:alert(1)',
  'javascript:alert(1)//https://example.com/',
  'javascript://https://example.com/%0aalert(1)',
  'data:text/html,<a href="https://example.com/">',
  ' https://example.com/',
  'java\nscript:alert(1)',
  '//example.com/',
  '/https://example.com/',
  'https:example.com',
  'ftp://example.com/',
  'file:///https://',
  '',
  undefined,
  null,
  7,
  ['https://example.com/'],
];

for (const address of others) {
  test(`${JSON.stringify(address)} is not linked to`, () => {
    assert.equal(webLink(address), undefined);
  });
}
