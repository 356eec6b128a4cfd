import { z } from 'zod';
import type { EdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';
import { ApiError } from './api-error.ts';

const value = z.object({ value: z.string() });
const values = z.object({ value: z.string(), multiValue: z.array(value).exactOptional() });

/**
 * A viewer-request event: "Event structure" in the CloudFront Developer Guide. `distributionDomainName`, `distributionId`
 * and `requestId` may be left out of one that is made for a test ("Test functions").
 */
const schema = z.looseObject({
  version: z.literal('1.0'),
  context: z.object({ eventType: z.literal('viewer-request') }),
  viewer: z.object({ ip: z.string() }),
  request: z.object({
    method: z.string(),
    uri: z.string().startsWith('/'),
    querystring: z.record(z.string(), values).default({}),
    headers: z.record(z.string().regex(/^[^A-Z]*$/, 'must be in lower case'), values).default({}),
    cookies: z.record(z.string(), values).default({}),
  }),
});

/**
 * The event as the function will get it, whatever is left out filled in.
 *
 * @throws ApiError InvalidArgument, telling what of it is wrong
 */
export function checkEvent(event: unknown): EdgeEvent {
  const parsed = schema.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ApiError(
      'InvalidArgument',
      `EventObject: ${issue?.path.join('.')}: ${issue?.message}`,
    );
  }
  return parsed.data;
}
