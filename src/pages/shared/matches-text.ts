import { lowerCase } from '../../query/lower-case.ts';
import { trim } from '../../router/request/parse-filter.ts';
import type { Searchable } from './listed-plugin.ts';

/** Whether a text finds a plugin: by the rule of the API (API.md, `filter`), which looks into what is offered. */
export function textMatcher(filter: string): (plugin: Searchable) => boolean {
  const text = lowerCase(trim(filter));
  return ({ id, name, description }) =>
    text === '' ||
    lowerCase(id) === text ||
    lowerCase(name).includes(text) ||
    lowerCase(description).includes(text);
}
