import { jobRules } from './job-rules.ts';
import { publishingRules } from './publishing-rules.ts';
import type { WorkflowRule } from './workflow-rule.ts';

/** All that the workflows must hold. */
export const WORKFLOW_RULES: readonly WorkflowRule[] = [...jobRules, ...publishingRules];
