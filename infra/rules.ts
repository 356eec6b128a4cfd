import { accessRules } from './rules/access-rules.ts';
import { bucketRules } from './rules/bucket-rules.ts';
import { distributionRules } from './rules/distribution-rules.ts';
import { headerRules } from './rules/header-rules.ts';
import { operationRules } from './rules/operation-rules.ts';
import { routerRules } from './rules/router-rules.ts';
import type { TemplateRule } from './template.ts';

/** All that the template must hold beyond being a template. */
export const TEMPLATE_RULES: readonly TemplateRule[] = [
  ...bucketRules,
  ...distributionRules,
  ...headerRules,
  ...routerRules,
  ...operationRules,
  ...accessRules,
];
