import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readWorkflows, stepNamed } from './workflows.ts';

const workflows = readWorkflows();
const root = path.join(import.meta.dirname, '..');

export interface StepOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Programs that are found before those of the machine, by name: scripts of bash. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** The result of a step. */
export interface StepResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The calls that its programs recorded, by `>> "$ASKED"`. */
  readonly asked: string;
  /** Its outputs for later steps. */
  readonly outputs: string;
}

/** Runs the script of a step as GitHub does, in a folder and with fakes of programs that use the network. */
export async function runStep(
  file: string,
  name: string,
  options: StepOptions,
): Promise<StepResult> {
  const step = stepNamed(workflows, file, name);
  if (step?.run === undefined) throw new Error(`${file} has no script in a step ${name}`);
  return await runScript(step.run, options);
}

/** Runs a script of bash as `runStep` does. */
export async function runScript(
  script: string,
  { cwd, env = {}, programs = {} }: StepOptions,
): Promise<StepResult> {
  const temporary = path.join(cwd, '.runner');
  const bin = path.join(temporary, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(path.join(bin, name), `#!/usr/bin/env bash\n${text}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  const [asked, outputs] = [path.join(temporary, 'asked'), path.join(temporary, 'outputs')];
  for (const file of [asked, outputs]) await writeFile(file, '', { flag: 'a' });
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: temporary,
      PROJECT: root,
      ASKED: asked,
      RUNNER_TEMP: temporary,
      GITHUB_OUTPUT: outputs,
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    code,
    stdout,
    stderr,
    asked: await readFile(asked, 'utf8'),
    outputs: await readFile(outputs, 'utf8'),
  };
}
