import type { Decisions } from '../rules/decisions.ts';
import type { FixedFile } from '../rules/fixed-files.ts';
import { answerMaps } from './maps/answer-maps.ts';
import { map, type Row } from './maps/map.ts';
import { parameterMaps, requestMaps } from './maps/request-maps.ts';

/**
 * The routing table as `map`s, for the level `http`. They give a location (`nginx-config.ts`)
 * - `$marketplace_verdict`: a status, or `page` for a web page;
 * - `$marketplace_file`, which answers the request, and its `$marketplace_type`;
 * - `$marketplace_tag`, the entity tag of every file.
 *
 * What they do not decide they take from `$marketplace_status` and `$marketplace_path`.
 */
export function nginxRules(decisions: Decisions, fixed: readonly FixedFile[]): string {
  const id = decisions.root.split('/')[2];
  return [
    // A location sets another.
    map('', 'marketplace_prefix', [['default', '']]),
    ...requestMaps(decisions, fixed),
    ...parameterMaps(decisions),
    ...answerMaps(decisions),
    ...verdictMaps(`${id}`),
    typeMap(fixed),
    map('$marketplace_found', 'marketplace_file', [
      ['?', '$marketplace_path'],
      ['default', `${decisions.root}$marketplace_found`],
    ]),
    // Weak, since nginx compresses after it is set.
    map('', 'marketplace_tag', [['default', `W/"${id}"`]]),
  ].join('\n');
}

/** In the order of the router: whether there is such a page, the method, the parameters, what the client knows. */
function verdictMaps(id: string): string[] {
  return [
    map('$marketplace_found', 'marketplace_verdict', [
      ['', '404'],
      ['default', '$mm_verdict_of_method'],
    ]),
    map('$request_method', 'mm_verdict_of_method', [
      ['GET', '$mm_verdict_of_file'],
      ['HEAD', '$mm_verdict_of_file'],
      ['default', '405'],
    ]),
    map('$marketplace_found', 'mm_verdict_of_file', [
      ['?', '$marketplace_status'],
      ['default', '$mm_verdict_of_tag'],
    ]),
    map('$http_if_none_match', 'mm_verdict_of_tag', [
      ['', '$mm_verdict_of_kind'],
      ['~^\\s*\\*\\s*$', '304'],
      [`~^[^"]*+(?:"(?!${id}")[^"]*+"[^"]*+)*+"${id}"`, '304'],
      ['default', '$mm_verdict_of_kind'],
    ]),
    map('$marketplace_found', 'mm_verdict_of_kind', [
      ['~^site/', 'page'],
      ['default', '200'],
    ]),
  ];
}

const JSON_TYPE = 'application/json';

function typeMap(fixed: readonly FixedFile[]): string {
  const isPlugin = ({ path }: FixedFile) => path.startsWith('/plugins/');
  const plugin = fixed.find(isPlugin);
  return map('$marketplace_found', 'marketplace_type', [
    ...fixed
      .filter((each) => !isPlugin(each) && each.contentType !== JSON_TYPE)
      .map(({ file, contentType }): Row => [file, contentType]),
    ...(plugin ? [['~^site/plugins/', plugin.contentType] as const] : []),
    ['default', JSON_TYPE],
  ]);
}
