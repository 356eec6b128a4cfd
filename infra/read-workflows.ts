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

/** The text of each workflow, by the name of its file. */
export type WorkflowTexts = Readonly<Record<string, string>>;

const FOLDER = path.join(import.meta.dirname, '../.github/workflows');

export function readWorkflows(): WorkflowTexts {
  const files = readdirSync(FOLDER).sort();
  return Object.fromEntries(
    files.map((file) => [file, readFileSync(path.join(FOLDER, file), 'utf8')]),
  );
}

export function parseWorkflow(text: string): Workflow {
  return parse(text) as Workflow;
}
