const VARIABLE = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * Keeps the AWS SDK from telling, in seven lines before every result, that versions of it to come need a newer Node: the one
 * that we lock runs on every Node that we support. To be called before a client is made; who has set the variable decides.
 */
export function quietSdk(environment: Record<string, string | undefined>): void {
  environment[VARIABLE] ??= 'true';
}
