import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainForbidden } from './address-rules.ts';

const OWN = '93.184.216.7';

test('which hosts a server asks for plugins', () => {
  const name = 'marketplace.internal';
  // [host, what it resolves to, AllowedUntrustedInternalConnections, whether it is asked or the reason]
  const cases: [string, string[], string, true | RegExp][] = [
    ['localhost', ['127.0.0.1'], '', true],
    ['127.0.0.1', ['127.0.0.1'], '', true],
    ['LOCALHOST', ['127.0.0.1'], '', /127\.0\.0\.1 is in a reserved range/],
    ['127.0.0.2', ['127.0.0.2'], '', /reserved/],
    ['::1', ['::1'], '', /reserved/],
    ['::1', ['::1'], '::1', true],
    ['api.integrations.mattermost.com', ['3.213.2.1'], '', true],
    [name, ['10.0.0.5'], '', /10\.0\.0\.5 is in a reserved range/],
    [name, ['10.0.0.5'], name, true],
    [name, ['10.0.0.5'], `a.example,${name}`, true],
    [name, ['10.0.0.5'], 'Marketplace.internal', /reserved/],
    [name, ['10.0.0.5'], '*.internal', /reserved/],
    [name, ['10.0.0.5'], `${name}:8085`, /reserved/],
    [name, ['10.0.0.5'], '10.0.0.5', /reserved/],
    [name, ['10.0.0.5'], '10.0.0.5/32', true],
    [name, ['10.0.0.5'], '192.168.0.0/16 10.0.0.0/8', true],
    [name, ['10.0.0.5'], '10.0.0.0/33 10.0.0/8', /reserved/],
    ['10.0.0.5', ['10.0.0.5'], '10.0.0.5', true],
    [name, ['172.20.1.1'], '', /reserved/],
    [name, ['100.64.0.1'], '', /reserved/],
    [name, ['fd00::5'], '', /reserved/],
    [name, ['fd00::5'], 'fc00::/7', true],
    ['plugins.example.com', [OWN], '', /93\.184\.216\.7 is an address of the server itself/],
    ['plugins.example.com', [OWN], `${OWN}/32`, true],
    ['plugins.example.com', [OWN], OWN, /server itself/],
    ['plugins.example.com', [OWN], 'plugins.example.com', true],
    ['plugins.example.com', ['10.0.0.5', '3.213.2.1'], '', true],
  ];
  for (const [host, addresses, allowedInternal, expected] of cases) {
    const reason = explainForbidden(host, addresses, { allowedInternal, ownAddresses: [OWN] });
    const about = `${host} ${addresses} "${allowedInternal}": ${reason}`;
    if (expected === true) assert.equal(reason, null, about);
    else assert.match(reason ?? '', expected, about);
  }
});
