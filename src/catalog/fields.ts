import { z } from 'zod';
import { hasUserInfo } from '../lib/json/user-info.ts';
import { hasSafeNumbers, MAX_VERSION_LENGTH, STRICT_VERSION } from './problems/strict-version.ts';

// The kinds of field that `schema.ts` is made of. A rule reads `what is wrong — what to do`: `check-entry.ts` makes a
// problem of it, and adds what was found and where.

/** A string for which `pattern` holds. The pattern goes into the JSON Schema, where flags are lost. */
export function matching(pattern: RegExp, rule: string) {
  return z.string({ error: rule }).regex(pattern, { error: rule, abort: true });
}

/** Any string. */
export function text() {
  return z.string({ error: 'is not a string — write text in double quotes' });
}

/** An absolute http(s) URL, or nothing. */
export function url() {
  return matching(
    /^$|^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s/?#][^\s]*$/,
    'is not a web address — write one that starts with https:// or http://, or ""',
  )
    .refine((value) => value === '' || URL.canParse(value), {
      error: 'is not a valid web address — check its host and port',
      abort: true,
    })
    .refine((value) => !hasUserInfo(value), {
      error:
        'holds a user name or a password, which everyone could read — remove what is before the @',
    });
}

const NOT_A_VERSION =
  'is not a semantic version — write three numbers without "v" or leading zeros, such as 1.2.3';

/** A strict semantic version that the `semver` package can order. */
export function version() {
  return orderable(matching(STRICT_VERSION, NOT_A_VERSION));
}

/** A strict semantic version, or nothing. */
export function versionOrNothing() {
  const pattern = new RegExp(`^$|${STRICT_VERSION.source}`);
  return orderable(matching(pattern, `${NOT_A_VERSION}, or "" for any`));
}

function orderable(field: z.ZodString) {
  return field
    .max(MAX_VERSION_LENGTH, {
      error: `is too long to be ordered — write at most ${MAX_VERSION_LENGTH} characters`,
    })
    .refine(hasSafeNumbers, {
      error: `has a number too large to be ordered — write numbers up to ${Number.MAX_SAFE_INTEGER}`,
    });
}

/** One of a few words, `what` they are called: `a hosting`. */
export function oneOf<const Values extends readonly string[]>(values: Values, what: string) {
  const words = values.map((value) => JSON.stringify(value)).join(', ');
  return z.enum(values, { error: `is not ${what} — write one of ${words}` });
}

/**
 * A field that may be left out. `null` means the same, as in Go's JSON.
 * Title, description and fallback (the value of a field left out) are for editors.
 */
export function optional<Field extends z.ZodType>(
  field: Field,
  title: string,
  description: string,
  fallback: unknown = '',
) {
  return field.nullable().exactOptional().meta({ title, description, default: fallback });
}
