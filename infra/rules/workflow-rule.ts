import { parseWorkflow, type Step, type Workflow, type WorkflowTexts } from '../read-workflows.ts';

/** What holds of the workflows, in words, and the check that throws where it does not. */
export interface WorkflowRule {
  readonly rule: string;
  readonly check: (texts: WorkflowTexts) => void;
}

/** The workflow that runs the tests, as another one uses it. */
export const CI = './.github/workflows/ci.yml';

/** Each workflow by its file. */
export function parsed(texts: WorkflowTexts): [string, Workflow][] {
  return Object.entries(texts).map(([file, text]) => [file, parseWorkflow(text)]);
}

/** The steps of every job. */
export function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}
