import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../test/engines/free-port.ts';
import { type Cleanup, makeFolder } from '../../../test/make-folder.ts';

const SSHD = '/usr/sbin/sshd';

const isThere = (program: string) => spawnSync(program, ['-V']).error === undefined;

/** Why tests with a real ssh are skipped; false if everything is installed. CI installs it. */
export const skipWithoutSsh =
  !(existsSync(SSHD) && isThere('ssh') && isThere('rsync')) &&
  'needs ssh and rsync: apt-get install --no-install-recommends openssh-server openssh-client rsync';

/**
 * Starts a real sshd on loopback, for this user and a key of the test's own.
 *
 * @returns its address without a path, and the PATH with an `ssh` that has the key
 */
export async function startSshd(t: Cleanup) {
  const folder = await makeFolder(t);
  const file = (name: string) => path.join(folder, name);
  for (const name of ['host', 'user']) {
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
    assert.equal(made.status, 0, String(made.stderr));
  }
  const port = await freePort();
  await writeFile(file('keys'), await readFile(file('user.pub')));
  await writeFile(
    file('sshd_config'),
    `Port ${port}
ListenAddress 127.0.0.1
HostKey ${file('host')}
AuthorizedKeysFile ${file('keys')}
PidFile ${file('pid')}
StrictModes no
UsePAM no
PasswordAuthentication no
`,
  );
  // As the package's service does: root's sshd needs it.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ['-D', '-e', '-f', file('sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = text(child.stderr);
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const hostKey = (await readFile(file('host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(file('known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  await writeFile(
    file('ssh_config'),
    `IdentityFile ${file('user')}
IdentitiesOnly yes
BatchMode yes
UserKnownHostsFile ${file('known_hosts')}
StrictHostKeyChecking yes
`,
  );
  await mkdir(file('bin'));
  await writeFile(file('bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${file('ssh_config')} "$@"\n`);
  await chmod(file('bin/ssh'), 0o755);
  const PATH = `${file('bin')}:${process.env['PATH']}`;
  const url = `ssh://${userInfo().username}@127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const asked = spawnSync('ssh', ['-p', String(port), '127.0.0.1', 'true'], { env: { PATH } });
    if (asked.status === 0) return { url, PATH };
    if (tries < 100 && child.exitCode === null) await sleep(50);
    else
      throw new Error(
        `sshd does not answer: ${asked.stderr} ${child.exitCode === null ? '' : await errors}`,
      );
  }
}
