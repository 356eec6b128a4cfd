import { isAtLeast } from '../server-line.ts';
import type { GoType } from './go-decoder.ts';

// What a server decodes an answer into: the structs `BaseMarketplacePlugin` and `Manifest` of server/public/model
// (marketplace_plugin.go, manifest.go), with the versions in which fields came and went.

const STRING: GoType = { kind: 'string' };
const BOOL: GoType = { kind: 'bool' };
const ANY: GoType = { kind: 'any' };

/** A label as a server has it. */
export interface DecodedLabel {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly color: string;
}

/** A manifest as a server has it: unknown fields are gone, missing ones are empty. */
export interface DecodedManifest {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly min_server_version: string;
  readonly server: DecodedServer | null;
  /** The first name of `server`; to 5.39. */
  readonly backend?: DecodedServer | null;
  readonly webapp: { readonly bundle_path: string } | null;
}

export interface DecodedServer {
  readonly executable: string;
  readonly executables: Readonly<Record<string, string>> | null;
}

/** An element of an answer as a server has it. Fields that came after 5.16 are absent where the server is older. */
export interface DecodedPlugin {
  readonly homepage_url: string;
  readonly icon_data: string;
  readonly download_url: string;
  readonly signature?: string;
  readonly labels?: readonly (DecodedLabel | null)[] | null;
  readonly manifest: DecodedManifest | null;
}

/** The type of a server's answer: a list of plugins. */
export function answerType(version: string): GoType {
  return { kind: 'slice', of: entryType(version) };
}

/** The type into which a server decodes an element of an answer. */
export function entryType(version: string): GoType {
  const since = (first: string, fields: Fields) => (isAtLeast(version, first) ? fields : {});
  return pointer({
    ...strings('homepage_url', 'icon_data', 'download_url'),
    manifest: manifestType(version),
    ...since('5.18.0', strings('release_notes_url', 'signature')),
    ...since('5.20.0', {
      labels: slice({ kind: 'struct', fields: strings('name', 'description', 'url', 'color') }),
    }),
    ...since('5.32.0', {
      ...strings('hosting', 'author_type', 'release_stage'),
      enterprise: BOOL,
    }),
  });
}

type Fields = Readonly<Record<string, GoType>>;

/** The type into which a server decodes a manifest, in an answer or a bundle. */
export function manifestType(version: string): GoType {
  const since = (first: string, fields: Fields) => (isAtLeast(version, first) ? fields : {});
  const before = (end: string, fields: Fields) => (isAtLeast(version, end) ? {} : fields);
  const server = pointer({
    executable: STRING,
    executables: isAtLeast(version, '5.32.0')
      ? { kind: 'map', of: STRING }
      : pointer(strings('linux-amd64', 'darwin-amd64', 'windows-amd64')),
  });
  const setting = pointer({
    ...strings('key', 'display_name', 'type', 'help_text', 'regenerate_help_text', 'placeholder'),
    default: ANY,
    options: slice(pointer(strings('display_name', 'value'))),
    ...since('7.3.0', strings('hosting')),
    ...since('10.1.0', { secret: BOOL }),
  });
  const section = pointer({
    ...strings('key', 'title', 'subtitle', 'header', 'footer'),
    settings: slice(setting),
    custom: BOOL,
    ...since('10.5.0', { fallback: BOOL }),
  });
  return pointer({
    ...strings('id', 'name', 'description', 'homepage_url', 'support_url', 'icon_path'),
    ...strings('version', 'min_server_version'),
    ...since('5.22.0', strings('release_notes_url')),
    server,
    ...before('6.0.0', { backend: server }),
    webapp: pointer(strings('bundle_path')),
    settings_schema: pointer({
      ...strings('header', 'footer'),
      settings: slice(setting),
      ...since('10.0.0', { sections: slice(section) }),
    }),
    props: { kind: 'map', of: ANY },
    ...since('5.20.0', before('9.0.0', { required_configuration: CONFIGURATION })),
  });
}

/**
 * Servers 5.20 to 8.1 decode `required_configuration` into their whole configuration. All of its sections are structs; the
 * hundreds of settings in them are not modelled.
 */
const CONFIGURATION: GoType = pointer(
  Object.fromEntries(
    [
      ...['Service', 'Team', 'Sql', 'Log', 'ExperimentalAudit', 'NotificationLog', 'Password'],
      ...['File', 'Email', 'RateLimit', 'Privacy', 'Support', 'Announcement', 'Theme', 'GitLab'],
      ...['Google', 'Office365', 'OpenId', 'Ldap', 'Compliance', 'Localization', 'Saml'],
      ...['NativeApp', 'Cluster', 'Metrics', 'Experimental', 'Analytics', 'Elasticsearch'],
      ...['Bleve', 'DataRetention', 'MessageExport', 'Job', 'Plugin', 'Display', 'GuestAccounts'],
      ...['ImageProxy', 'Cloud', 'FeatureFlag', 'ImportExport'],
    ].map((section) => [`${section}Settings`, { kind: 'struct', fields: {} } as const]),
  ),
);

function pointer(fields: Fields): GoType {
  return { kind: 'struct', fields, isPointer: true };
}

function slice(of: GoType): GoType {
  return { kind: 'slice', of };
}

function strings(...names: string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, STRING]));
}
