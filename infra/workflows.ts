import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** A step of a job: an action that is used, or a script that is run. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly 'continue-on-error'?: boolean;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
  /** Another workflow, which is the job. */
  readonly uses?: string;
  readonly needs?: string;
  readonly if?: string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly container?: string;
  readonly environment?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The workflows by the names of their files, as text and as GitHub reads it. */
export interface Workflows {
  readonly texts: Readonly<Record<string, string>>;
  readonly parsed: Readonly<Record<string, Workflow>>;
}

const FOLDER = path.join(import.meta.dirname, '../.github/workflows');

export function readWorkflows(): Workflows {
  const files = readdirSync(FOLDER).sort();
  return parseWorkflows(
    Object.fromEntries(files.map((file) => [file, readFileSync(path.join(FOLDER, file), 'utf8')])),
  );
}

export function parseWorkflows(texts: Workflows['texts']): Workflows {
  const parsed = Object.entries(texts).map(([file, text]) => [file, parse(text) as Workflow]);
  return { texts, parsed: Object.fromEntries(parsed) };
}

/** Every job of every workflow. */
export function jobsOf({ parsed }: Workflows): { file: string; name: string; job: Job }[] {
  return Object.entries(parsed).flatMap(([file, { jobs }]) =>
    Object.entries(jobs).map(([name, job]) => ({ file, name, job })),
  );
}

/** Every step of every job. */
export function stepsOf(workflows: Workflows): { file: string; step: Step }[] {
  return jobsOf(workflows).flatMap(({ file, job }) =>
    (job.steps ?? []).map((step) => ({ file, step })),
  );
}

/** The step with a name. */
export function stepNamed(workflows: Workflows, file: string, name: string): Step | undefined {
  return stepsOf(workflows).find((found) => found.file === file && found.step.name === name)?.step;
}
