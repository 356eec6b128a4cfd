import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { type Cleanup, makeFolder } from '../../test/make-folder.ts';

export const IMAGE = import.meta.dirname;

/** An ordinary user. */
const NOBODY = 65534;

/** A stage of the Dockerfile: what it is made from, and its instructions. */
interface Stage {
  readonly base: string;
  readonly instructions: Instruction[];
}

export const dockerfile = await readFile(path.join(IMAGE, 'Dockerfile'), 'utf8');
export const stages = parseStages();

function parseStages(): ReadonlyMap<string, Stage> {
  const stages = new Map<string, Stage>();
  let stage: Stage = { base: '', instructions: [] };
  const parsed = DockerfileParser.parse(dockerfile);
  const names = parsed.getFROMs();
  for (const instruction of parsed.getInstructions()) {
    if (instruction.getKeyword() !== 'FROM') stage.instructions.push(instruction);
    else {
      const from = names[stages.size];
      stage = { base: from?.getImage() ?? '', instructions: [] };
      stages.set(from?.getBuildStage() ?? '', stage);
    }
  }
  return stages;
}

/** The instructions of a stage, after those of the stages that it is made from. */
export function instructionsOf(name: string): Instruction[] {
  const stage = stages.get(name);
  return stage ? [...instructionsOf(stage.base), ...stage.instructions] : [];
}

/** The arguments of the last instruction of a kind, which is the one that counts. */
export function argumentsOf(name: string, keyword: string): string[] {
  const found = instructionsOf(name).findLast((each) => each.getKeyword() === keyword);
  const json = /\[.*\]$/s.exec(found?.getArgumentsContent() ?? '');
  if (json) return JSON.parse(json[0]);
  return found?.getArguments().map((each) => each.getValue()) ?? [];
}

/** A file system of a stage below `root`, by its COPY instructions. `repository` is both the context and what the stage "build" made. */
export async function layOut(name: string, root: string, repository: string): Promise<void> {
  await mkdir(path.join(root, 'tmp'), { recursive: true, mode: 0o777 });
  await chmod(path.join(root, 'tmp'), 0o1777);
  await mkdir(path.join(root, 'srv'));
  for (const instruction of instructionsOf(name)) {
    if (instruction.getKeyword() !== 'COPY') continue;
    const copy = instruction as Copy;
    const [source = '', target = ''] = copy.getArguments().map((each) => each.getValue());
    const from = copy.getFromFlag()?.getValue();
    assert.ok(from === undefined || from === 'build');
    const file = from ? path.relative('/repository', source) : source;
    await cp(path.join(repository, file), path.join(root, target), { recursive: true });
  }
}

/**
 * Starts what the image starts, with the same arguments, as an ordinary user who may write only into `tmp`. Other than in the image
 * are its folder, and so the one for temporary files, and its port.
 */
export async function startImage(t: Cleanup, name: string, root: string) {
  const port = await freePort();
  const file = path.join(root, 'srv/nginx.conf');
  const config = (await readFile(file, 'utf8'))
    .replaceAll(' /tmp/', ` ${root}/tmp/`)
    .replace('listen 8085;', `listen 127.0.0.1:${port};`);
  await writeFile(file, config);
  const [program, ...args] = argumentsOf(name, 'ENTRYPOINT').map((argument) =>
    argument.startsWith('/srv/') ? root + argument : argument,
  );
  assert.equal(program, 'nginx');
  const { command } = findNginx(process.env['PATH'] ?? '');
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(command, args, {
    ...user,
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = text(child.stderr);
  const ended = once(child, 'exit');
  t.after(async () => {
    // The master ends its workers.
    child.kill('SIGTERM');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const status = await send(`${url}/api/v1/health`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return { url, child, errors, ended };
    if (child.exitCode !== null || tries > 300)
      assert.fail(`nginx does not answer: ${await errors}`);
    await sleep(50);
  }
}

/** A folder for the file system of an image, which every user may read. It is removed though it has become read-only. */
export async function makeRoot(t: Cleanup): Promise<string> {
  let folder = '';
  t.after(async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory());
    for (const { parentPath, name } of folders) await chmod(path.join(parentPath, name), 0o755);
  });
  folder = await makeFolder(t);
  await chmod(folder, 0o755);
  return folder;
}
