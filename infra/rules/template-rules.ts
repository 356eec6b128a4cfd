import type { TemplateRule } from '../template.ts';
import { accessRules } from './access-rules.ts';
import { bucketRules } from './bucket-rules.ts';
import { distributionRules } from './distribution-rules.ts';
import { headerRules } from './header-rules.ts';
import { operationRules } from './operation-rules.ts';
import { routerRules } from './router-rules.ts';

/** All that the template must hold beyond being a template. */
export const TEMPLATE_RULES: readonly TemplateRule[] = [
  ...bucketRules,
  ...distributionRules,
  ...headerRules,
  ...routerRules,
  ...operationRules,
  ...accessRules,
];
