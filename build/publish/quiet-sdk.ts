const VARIABLE = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * Keeps the AWS SDK from announcing, in seven lines before every result, that its next versions need a newer Node: the one that
 * we lock runs on every Node that we support. Call it before a client is made; a variable that is set stays.
 */
export function quietSdk(environment: Record<string, string | undefined>): void {
  environment[VARIABLE] ??= 'true';
}
