// Edge dialect: this file is part of the router.
import { ALLOWED_METHODS } from '../route.ts';

/** The headers of a response that is no file, by name in lower case. */
export function refusalHeaders(): Record<string, string> {
  return {
    'content-type': 'application/json',
    'cache-control': 'max-age=60',
    'access-control-allow-origin': '*',
    allow: ALLOWED_METHODS,
  };
}
