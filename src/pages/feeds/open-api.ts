import type { SiteFile } from '../../snapshot/site-files.ts';

/** The options of `openApiFile`. */
export interface OpenApiSource {
  readonly title: string;
  /** The address of the site; empty: that of this file's folder. */
  readonly siteUrl: string;
}

const text = (description: string) => ({ type: 'string', description });

/** The parameters of `/api/v1/plugins`: name, schema, description. */
const PARAMETERS = [
  [
    'server_version',
    { type: 'string', examples: ['10.5.0'] },
    'A strict semantic version. Returns the releases that run on a server of this version; empty or missing: all.',
  ],
  [
    'platform',
    { type: 'string', examples: ['linux-amd64'] },
    'Where a release has a signed bundle for this platform, download_url and signature are those of that bundle.',
  ],
  [
    'enterprise_plugins',
    { type: 'boolean', default: false },
    'Whether to include plugins that require a subscription. Servers before 5.25.0 always get them.',
  ],
  [
    'cloud',
    { type: 'boolean', default: false },
    'Whether the server runs in the cloud. Leaves out releases for the other kind of hosting.',
  ],
  ['plugin_id', { type: 'string' }, 'Returns one plugin. Case matters.'],
  [
    'return_all_versions',
    { type: 'boolean', default: false },
    'Whether to return every version of a plugin instead of its newest.',
  ],
  [
    'filter',
    { type: 'string' },
    'Returns the releases whose name or description contains this text, or whose id equals it, ignoring case. The newest versions for an exact id are always published; those for other texts may not be.',
  ],
  ['page', { type: 'integer', default: 0 }, 'The number of the page, starting at 0.'],
  [
    'per_page',
    { type: 'integer', minimum: -1, default: 100 },
    'The number of releases on a page; -1: all. Some sizes may not be published.',
  ],
] as const;

const LABEL = object({
  name: text('The text of the label.'),
  description: text('What it means.'),
  url: text('Where to read more, or empty.'),
  color: text('A CSS color, or empty for the default one.'),
});

const OPTIONAL_TEXT = { type: ['string', 'null'] };

const PLUGIN = object(
  {
    homepage_url: text('A web address, or empty.'),
    icon_data: text('A data: URL, or empty.'),
    download_url: text('The bundle, for the requested platform where there is one.'),
    release_notes_url: text('A web address, or empty.'),
    hosting: { enum: ['', 'on-prem', 'cloud'], description: 'Empty: both.' },
    author_type: { enum: ['', 'mattermost', 'partner', 'community'] },
    release_stage: { enum: ['', 'production', 'beta', 'experimental'] },
    enterprise: { type: 'boolean', description: 'Whether it requires a subscription.' },
    signature: text('Base64 of the detached signature of the bundle, or empty.'),
    repo_name: text('The repository it comes from, or empty.'),
    labels: listOf('Label'),
    manifest: {
      description: 'The plugin.json of the plugin, unchanged.',
      ...object(
        {
          id: { type: 'string' },
          version: text('A semantic version.'),
          name: OPTIONAL_TEXT,
          description: OPTIONAL_TEXT,
          min_server_version: OPTIONAL_TEXT,
        },
        ['name', 'description', 'min_server_version'],
      ),
    },
    platforms: {
      type: 'object',
      description: 'Bundles by os-arch.',
      additionalProperties: {
        type: 'object',
        properties: { download_url: OPTIONAL_TEXT, signature: OPTIONAL_TEXT },
      },
    },
    updated_at: { type: 'string', format: 'date-time' },
  },
  ['labels'],
);

const HEALTH = object({
  status: { const: 'pass' },
  version: { const: '1' },
  releaseID: text('Git tag of the build, or empty.'),
  details: object({
    buildInfo: object({ buildHash: { type: 'string' }, buildHashShort: { type: 'string' } }),
  }),
  description: { type: 'string' },
});

const SIGNED = object(
  {
    signed: { type: ['string', 'null'], description: 'The text that is signed; null: none is.' },
    signature: text('A detached OpenPGP signature of it, in Base64.'),
  },
  ['signature'],
);

const ERROR = object(
  {
    error: text('What is wrong.'),
    parameter: text('The parameter at fault.'),
    allowed: text('The values that are allowed.'),
  },
  ['parameter'],
);

/** @param optional the properties that may be missing */
function object(properties: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', required, properties };
}

/** `/openapi.json`: the routes of the API. */
export function openApiFile({ title, siteUrl }: OpenApiSource): SiteFile {
  const parameters = PARAMETERS.map(([name, schema, description]) => {
    return { name, in: 'query', description, schema };
  });
  const document = {
    openapi: '3.1.1',
    info: {
      title,
      version: '1',
      description:
        'The plugins that a Mattermost server can install. A request gets the exact answer, or 400.',
    },
    servers: [{ url: siteUrl || '.' }],
    paths: {
      '/api/v1/plugins': route('getPlugins', 'The plugins for a server, by name', {
        parameters,
        responses: {
          200: jsonResponse('The releases.', listOf('Plugin')),
          400: jsonResponse(
            'A parameter is not valid, or the answer is not published.',
            schema('Error'),
          ),
        },
      }),
      '/api/v1/labels': route(
        'getLabels',
        'The labels that are derived from the fields of a release',
        {
          responses: { 200: jsonResponse('The labels.', listOf('Label')) },
        },
      ),
      '/api/v1/health': route(
        'getHealth',
        'Whether the marketplace answers, and from which build',
        {
          responses: {
            200: jsonResponse('It answers.', schema('Health'), 'application/health+json'),
          },
        },
      ),
      '/catalog.json': route('getCatalog', 'Every release, as a catalog to build from', {
        responses: {
          200: jsonResponse(
            'The catalog. Its labels are without the derived ones.',
            listOf('Plugin'),
          ),
        },
      }),
      '/signed.json': route('getSigned', 'What the publisher has signed about the marketplace', {
        responses: { 200: jsonResponse('A statement and its signature.', schema('Signed')) },
      }),
    },
    components: {
      schemas: { Plugin: PLUGIN, Label: LABEL, Health: HEALTH, Signed: SIGNED, Error: ERROR },
    },
  };
  return {
    path: 'site/openapi.json',
    contentType: 'application/json',
    content: `${JSON.stringify(document, null, 2)}\n`,
  };
}

function route(operationId: string, summary: string, more: object) {
  return { get: { operationId, summary, ...more } };
}

function jsonResponse(description: string, schema: object, type = 'application/json') {
  return { description, content: { [type]: { schema } } };
}

function schema(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

function listOf(name: string) {
  return { type: 'array', items: schema(name) };
}
