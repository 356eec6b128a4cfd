import { z } from 'zod';
import { BUILD_SETTINGS } from './build-settings.ts';
import { parseList, type SettingTable, webAddress } from './setting.ts';

/** A repository whose releases `npm run catalog -- update` adds. */
export interface RepositorySetting {
  /** `owner/name` on GitHub. */
  readonly repo: string;
  readonly author: 'mattermost' | 'partner' | 'community';
  readonly stage?: 'production' | 'beta' | 'experimental' | undefined;
  readonly enterprise?: boolean | undefined;
  readonly hosting?: '' | 'cloud' | 'on-prem' | undefined;
  /** What its tags look like: `server/v{version}`. Default: `v1.2.3` and `1.2.3`. */
  readonly tag?: string | undefined;
  /** Which file of a release is the bundle, where there are several: `{version}`, `{tag}` and `*` stand for what they say. */
  readonly asset?: string | undefined;
  /** Tags to be passed over without a word; `*` stands for anything. */
  readonly ignore?: readonly string[] | undefined;
}

/** What the commands that look after the catalog can be told, complete. */
export interface CatalogSettings {
  /** Files or globs of the catalog. */
  readonly catalog: readonly string[];
  /** Where the plugin store is. */
  readonly store: string;
  /** Where GitHub's API is. */
  readonly github: string;
  /** Folder for what need not be fetched twice. */
  readonly cache: string;
  /** Files with the OpenPGP public keys that bundles may be signed with. */
  readonly keys: readonly string[];
  /** The names of checks that are switched off, by release: `jira@4.1.0`. */
  readonly ignoreChecks: Readonly<Record<string, readonly string[]>>;
  readonly repositories: readonly RepositorySetting[];
}

const repository = z.strictObject({
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  author: z.enum(['mattermost', 'partner', 'community']),
  stage: z.enum(['production', 'beta', 'experimental']).optional(),
  enterprise: z.boolean().optional(),
  hosting: z.enum(['', 'cloud', 'on-prem']).optional(),
  tag: z
    .string()
    .refine((tag) => placeholders(tag) === '{version}', 'must hold {version} once')
    .optional(),
  asset: z
    .string()
    .min(1)
    .refine(
      (asset) => /^(\{(version|tag)\})*$/.test(placeholders(asset)),
      'may hold {version}, {tag} and *, and no other braces',
    )
    .optional(),
  ignore: z.array(z.string().min(1)).optional(),
});

/** Every brace of a pattern, with what stands in it. */
function placeholders(pattern: string): string {
  return (pattern.match(/\{[^{}]*\}?|\}/g) ?? []).join('');
}

/** The settings of the commands that look after the catalog, and their defaults. The last two are for the file only. */
export const CATALOG_SETTINGS: SettingTable<CatalogSettings> = {
  catalog: BUILD_SETTINGS.catalog,
  store: webAddress(
    'store',
    'MARKETPLACE_STORE',
    'https://plugins.releases.mattermost.com/release',
  ),
  github: webAddress('github', 'MARKETPLACE_GITHUB', 'https://api.github.com'),
  cache: {
    flag: 'cache',
    environment: 'MARKETPLACE_CACHE',
    fallback: '.marketplace-cache',
    takes: 'a folder',
    parse: (folder) => folder,
    schema: z.string().min(1),
  },
  keys: {
    flag: 'key',
    environment: 'MARKETPLACE_KEYS',
    fallback: [],
    takes: 'files with OpenPGP public keys, separated by commas',
    parse: parseList,
    schema: z.array(z.string().min(1)),
  },
  ignoreChecks: BUILD_SETTINGS.ignoreChecks,
  repositories: {
    fallback: [],
    takes:
      'repositories such as {"repo": "mattermost/mattermost-plugin-jira", "author": "mattermost"}, which may say stage, enterprise, hosting, tag ("server/v{version}"), asset ("*-{version}.tar.gz") and ignore (["v1.0.0"])',
    schema: z.array(repository),
  },
};
