import { z } from 'zod';
import { BUILD_SETTINGS } from './build-settings.ts';
import { section, text, texts, type ValuesOf, webAddress } from './setting.ts';

/** A row of `repositories`. */
const repository = z.strictObject({
  /** `owner/name` on GitHub. */
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  author: z.enum(['mattermost', 'partner', 'community']),
  stage: z.enum(['production', 'beta', 'experimental']).optional(),
  enterprise: z.boolean().optional(),
  hosting: z.enum(['', 'cloud', 'on-prem']).optional(),
  /** The form of its tags: `server/v{version}`. Default: `v1.2.3` and `1.2.3`. */
  tag: z
    .string()
    .refine((tag) => placeholders(tag) === '{version}', 'must hold {version} once')
    .optional(),
  /** Which file of a release is the bundle, if there are several; `{version}`, `{tag}` and `*` are filled in. */
  asset: z
    .string()
    .min(1)
    .refine(
      (asset) => /^(\{(version|tag)\})*$/.test(placeholders(asset)),
      'may hold {version}, {tag} and *, and no other braces',
    )
    .optional(),
  /** Tags to leave out without a note; `*` matches anything. */
  ignore: z.array(z.string().min(1)).readonly().optional(),
});

/** A repository whose releases `npm run catalog -- update` adds. */
export type RepositorySetting = Readonly<z.infer<typeof repository>>;

/** Every brace of a pattern, with its content. */
function placeholders(pattern: string): string {
  return (pattern.match(/\{[^{}]*\}?|\}/g) ?? []).join('');
}

/** The settings of the catalog commands. */
export const CATALOG_SETTINGS = {
  catalog: BUILD_SETTINGS.catalog,
  verified: BUILD_SETTINGS.verified,
  ...section('The catalog commands', {
    store: webAddress({
      fallback: 'https://plugins.releases.mattermost.com/release',
      help: 'the plugin store',
    }),
    github: webAddress({
      fallback: 'https://api.github.com',
      help: 'the API of GitHub, or of an Enterprise Server',
    }),
    cache: text({
      valueName: 'folder',
      takes: 'a folder',
      fallback: '.marketplace-cache',
      help: "the folder that keeps bundles and GitHub's answers",
    }),
    keys: texts({
      flag: 'key',
      environment: 'MARKETPLACE_KEYS',
      valueName: 'file',
      takes: 'files with OpenPGP public keys',
      help: 'files with OpenPGP public keys, armored or binary',
    }),
    repositories: {
      fallback: [] as readonly RepositorySetting[],
      takes:
        'repositories such as {"repo": "mattermost/mattermost-plugin-jira", "author": "mattermost"}, with stage, enterprise, hosting, tag ("server/v{version}"), asset ("*-{version}.tar.gz") and ignore (["v1.0.0"]) where needed',
      schema: z.array(repository),
      help: 'the repositories that npm run catalog -- update reads',
    },
  }),
  ignoreChecks: BUILD_SETTINGS.ignoreChecks,
};

/** How to look after the catalog, complete. */
export type CatalogSettings = ValuesOf<typeof CATALOG_SETTINGS>;
