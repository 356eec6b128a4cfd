import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { THOROUGH } from '../../../test/random.ts';
import { RULES } from '../aws/fixture-rules.ts';
import { prune } from '../prune.ts';
import { rollback } from '../rollback.ts';
import type { UploadProgress } from '../upload.ts';
import { followInFolder } from './after.ts';
import {
  checkWhole,
  deployHost,
  folderTarget,
  liveIn,
  makeHostBuilds,
  readIn,
} from './fixture-hosts.ts';
import { skipWithoutSsh, startSshd } from './fixture-sshd.ts';
import { parseSshAddress, Ssh } from './ssh.ts';

const builds = await makeHostBuilds({ after });
const { first, second } = builds;

/** A folder by ssh, as a target. The connection ends with the test. */
function openSsh(t: TestContext, url: string, PATH: string) {
  const address = parseSshAddress(url);
  assert.ok(address, url);
  const environment = { ...process.env, PATH };
  const ssh = new Ssh(address, { environment, sleep: async () => {} });
  t.after(() => ssh.close());
  return { ssh, target: folderTarget(address.root, ssh, (...args) => ssh.send(...args)) };
}

// An address, host, port and folder of it.
const addresses: readonly (readonly [string, string, string, string])[] = [
  ['ssh://host/srv/marketplace', 'host', '', '/srv/marketplace'],
  ['ssh://www@host.example:2222/srv/a b/', 'www@host.example', '2222', '/srv/a b'],
  ['ssh://me@[::1]/srv', 'me@::1', '', '/srv'],
];

for (const [url, host, port, root] of addresses) {
  test(`${url} is a folder by ssh`, () => {
    assert.deepEqual(parseSshAddress(url), { url, host, port, root });
  });
}

for (const url of [
  ...[
    'ssh://-oProxyCommand=x/srv',
    'ssh://a@-x/srv',
    'ssh://-a@x/srv',
    'ssh://host',
    'ssh://host/',
  ],
  ...['ssh://host;x/srv', 'ssh://host x/srv', 'ssh:///srv', 'ssh://h:x/srv', 'ssh://u:p@h/srv'],
]) {
  test(`${url} is no folder by ssh`, () => assert.equal(parseSshAddress(url), undefined));
}

describe('By a real ssh and rsync', { skip: skipWithoutSsh }, () => {
  const server = startSshd({ after });

  for (const [rule, check] of Object.entries(RULES)) {
    // It stores a thousand objects one by one, which publishing does not.
    if (rule.startsWith('more than a thousand')) continue;
    test(rule, async (t) => {
      const { url, PATH } = await server;
      const root = path.join(await makeFolder(t), "it's a [folder]");
      await check(openSsh(t, `${url}${root}`, PATH).target.bucket);
    });
  }

  test('a site is deployed, deployed again, rolled back and pruned', async (t) => {
    const { url, PATH } = await server;
    const root = path.join(await makeFolder(t), 'a market');
    const { target, ssh } = openSsh(t, `${url}${root}`, PATH);
    const seen: string[] = [];
    const follow = async () => {
      await followInFolder(ssh, 'echo "$MARKETPLACE_BUILD" > followed; pwd >> followed');
      seen.push(await readFile(path.join(root, 'followed'), 'utf8'));
    };
    const followed = { ...target, after: follow };
    let done = 0;
    const onProgress = (progress: UploadProgress) => {
      done = progress.done;
    };
    await deployHost(followed, first, { onProgress });
    assert.equal(done, first.files.length);
    await checkWhole(readIn(root), first, 'after the first deploy');
    const { upload } = await deployHost(followed, second);
    assert.ok(upload.transfers.some(({ from }) => from !== undefined));
    assert.equal(await liveIn(root, builds), second);
    for (const build of [first, second]) await checkWhole(readIn(root), build, 'after the second');
    await rollback({ target: followed });
    assert.equal(await liveIn(root, builds), first);
    assert.deepEqual(
      seen,
      [first, second, first].map(({ router }) => `${root}/${router}\n${root}\n`),
    );
    const now = new Date(Date.now() + 48 * 3_600_000);
    const { removed } = await prune({ target, keep: 1, edgeMs: 3_600_000, now });
    assert.deepEqual(removed, [second.snapshot.id]);
    await checkWhole(readIn(root), first, 'after the prune');
    await assert.rejects(followInFolder(ssh, 'echo broken >&2; exit 3'), /failed, .*: broken$/);
  });

  test('a host that cannot be reached, or refuses the key, is reported at once', async (t) => {
    const { url, PATH } = await server;
    for (const [address, reason] of [
      [url.replace(/:\d+$/, ':1'), /refused/],
      [url.replace(/\w+@/, 'nobody-here@'), /Permission denied/],
    ] as const) {
      const { target } = openSsh(t, `${address}/tmp/none`, PATH);
      await assert.rejects(deployHost(target, first), {
        name: 'UserError',
        message: /cannot be reached, .*: check that `ssh -p \d+ \S+@\S+ true` works/,
      });
      await assert.rejects(deployHost(target, first), reason);
    }
  });

  test('a connection that breaks off at any call is opened again, and the deploy succeeds', async (t) => {
    const folder = await makeFolder(t);
    const bin = path.join(folder, 'bin');
    await mkdir(bin);
    // Loses a connection before its work or after it, in turn.
    const script = `#!/bin/sh
echo >> "$CALLS"
n=$(wc -l < "$CALLS")
for command; do :; done
[ "$n" -ne "$BREAKS_AT" ] || [ "$HOW" = after ] || exit 255
while [ "$1" != -- ] && [ "$1" != 127.0.0.1 ]; do shift; done
[ "$1" = 127.0.0.1 ] || shift
shift
sh -c "$*"
code=$?
[ "$n" -ne "$BREAKS_AT" ] || exit 255
exit $code
`;
    await writeFile(path.join(bin, 'ssh'), script);
    await chmod(path.join(bin, 'ssh'), 0o755);
    const calls = path.join(folder, 'calls');
    const open = (root: string, breaksAt: number, how: string) => {
      const address = parseSshAddress(`ssh://127.0.0.1${root}`);
      assert.ok(address);
      const environment = {
        ...process.env,
        PATH: `${bin}:${process.env['PATH']}`,
        CALLS: calls,
        BREAKS_AT: String(breaksAt),
        HOW: how,
      };
      const ssh = new Ssh(address, { environment, sleep: async () => {} });
      t.after(() => ssh.close());
      return folderTarget(root, ssh, (...args) => ssh.send(...args));
    };
    const whole = path.join(folder, 'whole');
    await deployHost(open(whole, 0, ''), first);
    const count = (await readFile(calls, 'utf8')).split('\n').length - 1;
    assert.ok(count > 10, `${count} calls`);
    let broken = 0;
    // The first call opens the connection: if it fails, that is reported.
    for (let at = 2; at <= count; at += THOROUGH ? 1 : 3) {
      for (const how of ['before', 'after']) {
        const root = path.join(folder, `${at}-${how}`);
        await rm(calls);
        await deployHost(open(root, at, how), first);
        assert.equal(await liveIn(root, builds), first, `call ${at}, ${how}`);
        await checkWhole(readIn(root), first, `call ${at}, ${how}`);
        broken++;
      }
    }
    t.diagnostic(`${count} calls, ${broken} broken`);
  });

  test('a closed connection leaves no process and no socket', async (t) => {
    const { url, PATH } = await server;
    const root = await makeFolder(t);
    const sockets = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('marketplace-ssh-')).length;
    const before = await sockets();
    const { ssh, target } = openSsh(t, `${url}${root}`, PATH);
    await target.bucket.list('snapshots/');
    assert.equal(await sockets(), before + 1);
    await ssh.close();
    assert.equal(await sockets(), before);
  });
});
