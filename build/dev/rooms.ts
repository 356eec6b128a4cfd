/**
 * The rooms of `src`, and what each may import besides itself and packages. A room that is not named here may be imported by
 * none. Where several names fit a file, the longest counts; a name in the list opens the rooms inside it, too.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  router: [],
  mattermost: ['lib'],
  settings: ['lib'],
  catalog: ['lib', 'mattermost'],
  query: ['catalog', 'router'],
  snapshot: ['lib', 'query', 'router'],
  upstream: ['lib', 'mattermost', 'catalog', 'query'],
  curation: ['lib', 'mattermost', 'settings', 'catalog', 'query', 'router', 'upstream'],
  pack: ['lib', 'catalog', 'curation'],
  hosts: ['lib', 'settings', 'router', 'snapshot', 'pack'],
  'pages/shared': ['lib', 'mattermost', 'catalog', 'query', 'router'],
  'pages/browser': ['pages/shared'],
  pages: [
    'lib',
    'mattermost',
    'settings',
    'catalog',
    'query',
    'router',
    'snapshot',
    'pages/shared',
  ],
  site: ['lib', 'settings', 'catalog', 'query', 'router', 'snapshot', 'hosts', 'pages'],
  diff: ['lib', 'catalog', 'query'],
  publish: ['lib', 'router', 'snapshot', 'hosts'],
};
