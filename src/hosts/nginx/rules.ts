import { IMMUTABLE, LOADED_FOLDER, SHORT_LIVED } from '../../router/headers/headers.ts';
import type { Decisions } from '../rules/decisions.ts';
import type { FixedFile } from '../rules/fixed-files.ts';
import { answerMaps } from './maps/answer-maps.ts';
import { map, type Row } from './maps/map.ts';
import { parameterMaps, requestMaps } from './maps/request-maps.ts';

/**
 * The routing table as `map`s, for the level `http`. They give a location (`nginx-config.ts`)
 * - `$marketplace_at_once`, the file of a request for plugins that is sent whatever else the request has, or nothing;
 * - `$marketplace_verdict`: a status, `page` for a web page, or `nowhere` where there is none;
 * - `$marketplace_found`, the file that answers any request, its `$marketplace_type`, and how long it may be kept,
 *   `$marketplace_cache`;
 * - `$marketplace_location`, where a redirect leads.
 *
 * The verdict on what they do not decide is `$marketplace_status`.
 */
export function nginxRules(decisions: Decisions, fixed: readonly FixedFile[]): string {
  const { id } = decisions;
  return [
    // A location sets another.
    map('', 'marketplace_prefix', [['default', '']]),
    ...requestMaps(decisions, fixed),
    ...parameterMaps(decisions),
    ...answerMaps(decisions),
    ...verdictMaps(id),
    typeMap(fixed),
    map('$marketplace_found', 'marketplace_cache', [
      [`~^${LOADED_FOLDER}`, IMMUTABLE],
      ['default', SHORT_LIVED],
    ]),
  ].join('\n');
}

/** In the order of the router: whether there is such a page, the method, the parameters, what the client knows. */
function verdictMaps(id: string): string[] {
  const any = '~^(?:GET|HEAD):';
  return [
    map('$marketplace_found', 'marketplace_verdict', [
      ['~^api/', '$mm_verdict_on_client'],
      ['404', '404'],
      ['', 'nowhere'],
      ['~^>', '$mm_verdict_on_slashless'],
      ['?', '$mm_verdict_on_undecided'],
      ['default', '$mm_verdict_on_page'],
    ]),
    map('$request_method:$http_if_none_match', 'mm_verdict_on_client', [
      ['GET:', '200'],
      ['HEAD:', '200'],
      [`${any}\\s*\\*\\s*$`, '304'],
      [`${any}[^"]*+(?:"(?!${id}")[^"]*+"[^"]*+)*+"${id}"`, '304'],
      [any, '200'],
      ['default', '405'],
    ]),
    map('$mm_verdict_on_client', 'mm_verdict_on_undecided', [
      ['405', '405'],
      ['default', '$marketplace_status'],
    ]),
    map('$mm_verdict_on_client', 'mm_verdict_on_slashless', [
      ['405', 'nowhere'],
      ['default', '308'],
    ]),
    map('$mm_verdict_on_client', 'mm_verdict_on_page', [
      ['200', 'page'],
      ['default', '$mm_verdict_on_client'],
    ]),
  ];
}

const JSON_TYPE = 'application/json';

function typeMap(fixed: readonly FixedFile[]): string {
  const isPlugin = ({ path }: FixedFile) => /^\/plugins\/./.test(path);
  const typeOf = (end: string) => fixed.find(({ path }) => path.endsWith(end))?.contentType ?? '';
  return map('$marketplace_found', 'marketplace_type', [
    ...fixed
      .filter((each) => !isPlugin(each) && each.contentType !== JSON_TYPE)
      .map(({ file, contentType }): Row => [file, contentType]),
    ['~^site/plugins/.*/feed\\.xml$', typeOf('/feed.xml')],
    ['~^site/plugins/', typeOf('/plugins/')],
    ['default', JSON_TYPE],
  ]);
}
