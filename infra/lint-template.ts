import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';

/**
 * What the linter of CloudFormation finds in a template, warnings included, as `E3013 Distribution: message`.
 *
 * Not what is below a warning: of every property that cannot be changed in place (I9001) and every resource without
 * tags (I9040) it says so, and the template has both on purpose.
 */
export function lintTemplate(
  file: string,
  parameterOverrides: Readonly<Record<string, string>>,
): string[] {
  const engine = new RegoEngine();
  try {
    const { status, diagnostics } = engine.validateStandard(new TemplateFile(file), {
      severityLevel: 'WARN',
      parameterOverrides,
    });
    if (status !== 'OK') throw new Error(`the linter did not come to an end: ${status}`);
    return diagnostics.map(
      ({ ruleId, entity, message }) => `${ruleId} ${entity?.logicalId ?? '-'}: ${message}`,
    );
  } finally {
    engine.free();
  }
}
