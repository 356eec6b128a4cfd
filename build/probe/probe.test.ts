import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { formatReleases } from '../../src/catalog/format-catalog.ts';
import {
  certify,
  lookupOf,
  makeMarketplace,
  NAME,
  passOn,
  SOON,
} from '../../src/probe/fixture-probe.ts';
import { skipWithoutOpenssl } from '../../test/engines/certificates.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { readBlock } from '../../test/read-block.ts';
import { run, runHere } from '../cli/fixture-command.ts';
import { probe } from './probe.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const sound = await makeMarketplace({ after });
const { url, out, keyFile, folder } = sound;
await writeFile(path.join(folder, 'plugins.json'), formatReleases(sound.releases));

/** Whatever the machine does meanwhile, no answer is slow. */
const PATIENT = ['--slow', '60000', '--max-seconds', '600'];

const probeHere = (...args: readonly string[]) =>
  runHere(probe, [...PATIENT, ...args], { cwd: folder, now: SOON });

test('a good marketplace is described, and the exit code is 0', async () => {
  const compared = ['--dir', out, '--catalog', 'plugins.json', '--max-age', '30'];
  const all = ['--key', keyFile, '--bundles', 'all'];
  const { code, stdout, stderr } = await probeHere(url, ...compared, ...all);
  assert.deepEqual([code, stderr], [0, ''], stdout);
  const [first = '', ...lines] = stdout.split('\n');
  assert.match(first, /^http:\S+: good, 4 warnings \(\d+ requests in \d+\.\d s\)$/);
  for (const expected of [
    /^ {2}marketplace {2}a build of this project$/,
    /^ {2}newest {7}2026-05-01, 10 days ago$/,
    /^ {2}catalog {6}4 releases$/,
    /^ {2}servers {6}60 requests for a list, \d+ to install: 3 plugins offered, 0 installable$/,
    /^ {2}bundles {6}4 asked for, 4 downloaded and verified$/,
    /^ {2}build {8}\d+ answers compared$/,
    /^warning http-download: com\.example\.abc@1\.1\.0: download_url is not encrypted.* \(a server 11\.0\.0 on linux-amd64, team, on-prem and \d+ more\) — serve it by https/,
  ]) {
    assert.ok(
      lines.some((line) => expected.test(line)),
      `${expected} in ${stdout}`,
    );
  }
});

test('where a key is pinned, a marketplace that is not signed is faulty', async () => {
  const { code, stdout } = await probeHere(url, '--snapshot-key', keyFile);
  assert.equal(code, 1);
  assert.match(stdout, /signature: .*signed\.json: says that the marketplace is not signed/);
});

test('warnings count with --strict', async () => {
  const { code, stdout } = await probeHere(url, '--strict');
  assert.equal(code, 1);
  assert.match(stdout, /^http:\S+: 4 faults \(/);
});

test('the report is JSON for programs', async () => {
  const { code, stdout, stderr } = await probeHere(url, '--json', '--max-age', '9');
  assert.deepEqual([code, stderr], [1, '']);
  const { result, isOurs, findings, requests, age } = JSON.parse(stdout);
  assert.deepEqual([result, isOurs, age.days], ['faulty', true, 10]);
  assert.ok(requests > 0);
  assert.deepEqual(findings[0], {
    level: 'error',
    check: 'stale',
    message: 'is 10 days old, from 2026-05-01, and at most 9 are allowed',
    remedy: 'see whether releases are still built and deployed',
    requests: 1,
    examples: ['the catalog'],
  });
});

test('what cannot be asked has exit code 2, also as JSON, and shows no password', async () => {
  const nobody = `http://user:secret@127.0.0.1:${await freePort()}`;
  const shown = nobody.replace('user:secret@', '');
  const reason = `${shown} refuses the connection: check the address and the network`;
  const text = await probeHere(nobody);
  assert.deepEqual(text, { code: 2, stdout: '', stderr: `error: ${reason}\n` });
  const json = await probeHere(nobody, '--json');
  assert.deepEqual([json.code, json.stderr], [2, '']);
  assert.deepEqual(JSON.parse(json.stdout), { result: 'unasked', url: `${shown}/`, reason });
});

// Arguments, the message; the exit code is 2.
const refused: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /name one marketplace/],
  [[url, url], /name one marketplace/],
  [['marketplace.internal'], /is not the address of a marketplace: begin with https/],
  [[`${url}?x=1`], /is not the address of a marketplace/],
  [[url, '--max-age', 'old'], /--max-age takes a whole number from 0 on, not old/],
  [[url, '--max-requests', '3'], /--max-requests takes a whole number from 50 on, not 3/],
  [[url, '--address', 'localhost'], /--address takes an IP address, not localhost/],
  [[url, '--dir', 'nowhere'], /nowhere.* holds no snapshot\.json/],
  [[url, '--catalog', 'nothing.json'], /nothing\.json/],
  [[url, '--key', 'plugins.json'], /holds no OpenPGP public key/],
  [[url, '--ca', 'plugins.json'], /plugins\.json holds no certificate/],
];

for (const [args, expected] of refused) {
  test(`${args.slice(-2).join(' ')} is refused before anything is asked`, async () => {
    const { code, stderr } = await probeHere(...args);
    assert.equal(code, 2);
    assert.match(stderr, expected);
  });
}

test('an address and an authority can be named', { skip: skipWithoutOpenssl }, async (t) => {
  const tlsFolder = await makeFolder(t);
  const { files, ...tls } = await certify(tlsFolder);
  const port = await passOn(t, url, { tls });
  const args = [...PATIENT, `https://${NAME}:${port}`, '--address', '127.0.0.1'];
  const options = { cwd: folder, now: new Date() };
  const good = await runHere(probe, [...args, '--ca', files.authority], options);
  assert.equal(good.code, 0, good.stdout);
  assert.match(good.stdout, /^ {2}certificate {2}\d+ days left, by Internal CA$/m);
  const unknown = await runHere(probe, args, options);
  assert.equal(unknown.code, 1, unknown.stderr);
  assert.match(unknown.stdout, /^error certificate-chain: is not trusted/m);
  assert.deepEqual(await lookupOf('127.0.0.1')(NAME), [{ address: '127.0.0.1', family: 4 }]);
});

test('the program exits with the code, and leaves no file behind', async (t) => {
  const cwd = await makeFolder(t);
  const good = await run(t, { program: 'probe', args: [...PATIENT, url], cwd });
  assert.equal(good.code, 0, good.stdout + good.stderr);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const { code, stdout, stderr } = await run(t, { program: 'probe', args: [nobody], cwd });
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^error: .* refuses the connection/m);
});

test('the lines for cron of docs/hosting.md say something only if something is wrong', async () => {
  const block = await readBlock('docs/hosting.md', 'sh', '# /etc/cron.d/');
  const line = block.split('\n').find((each) => each.includes('npm run')) ?? '';
  const [, command = ''] = /^(?:\S+ ){5}\S+ {2}(.*)$/.exec(line) ?? [];
  assert.ok(command, line);
  const runLine = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const here = text
        .replace('cd /opt/marketplace', `cd '${ROOT}'`)
        .replace('https://marketplace.example.com', `${url} ${PATIENT.join(' ')}`);
      assert.ok(here.includes(url) && here.includes(ROOT), text);
      execFile('sh', ['-c', here], (error, stdout) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve(stdout);
      });
    });
  assert.equal(await runLine(command.replace('--max-age 45', '--max-age 99999')), '');
  assert.match(await runLine(command.replace('--max-age 45', '--max-age 0')), /^error stale: /m);
});
