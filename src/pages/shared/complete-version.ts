import { versionKey } from '../../router/request/version-key.ts';

/** A version as people write it as the API takes it: `v10.5` is `10.5.0`. Null where it is none. */
export function completeVersion(typed: string): string | null {
  const text = typed.trim().replace(/^v/i, '');
  const completed = /^\d+(\.\d+)?$/.test(text)
    ? `${text}${text.includes('.') ? '' : '.0'}.0`
    : text;
  return completed === '' || versionKey(completed) !== null ? completed : null;
}
