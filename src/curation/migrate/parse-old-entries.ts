import { hasGoFieldNames, withoutGoFieldNames } from '../../catalog/problems/go-field-names.ts';
import type { Entry } from '../../catalog/schema.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import { findUnkeepable } from '../../lib/json/find-unkeepable.ts';
import { formatPath } from '../../lib/json/finding.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { parseEntries } from '../editable-catalog.ts';

/**
 * The entries of a catalog's text, also from a file of 2019 with the field names of Go, which are replaced by today's.
 *
 * @throws {UserError} with all its problems
 */
export function parseOldEntries(text: string, file: string): Entry[] {
  const parsed = parseJson(text.replace(/^\uFEFF/, ''), file);
  const old = 'value' in parsed && Array.isArray(parsed.value) ? parsed.value : [];
  // An entry in today's form is checked as written, so that problems have a line; so is one that cannot be kept.
  const isOfToday = !old.some(hasGoFieldNames);
  if (isOfToday || findUnkeepable(old).length > 0) return parseEntries(text, file);
  const results = old.map(withoutGoFieldNames);
  const conflicts = results.flatMap((result, index) =>
    result.conflicts.map(
      ({ path, goName }): Problem => ({
        level: 'error',
        file,
        path: formatPath([index, ...path]),
        message: `contradicts ${goName}, its name of 2019`,
        remedy: 'remove the one that is wrong',
      }),
    ),
  );
  if (conflicts.length > 0) throw new UserError(`${file} contradicts itself`, conflicts);
  try {
    return parseEntries(JSON.stringify(results.map(({ entry }) => entry)), file);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Lines would be those of the text with new names, which nobody has.
    const problems = error.problems.map(({ line: _, column: __, ...problem }) => problem);
    throw new UserError(error.headline, problems);
  }
}
