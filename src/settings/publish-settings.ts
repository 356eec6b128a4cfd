import { BUILD_FOLDER } from './build-folder.ts';
import { onOrOff, type SettingTable, text, wholeNumber } from './setting.ts';
import { SITE_URL } from './site-url.ts';

/** Where and how a build is published, complete. Credentials are none of it: the AWS SDK finds them by its own chain. */
export interface PublishSettings {
  /** Folder of the build. */
  readonly dir: string;
  /** The S3 bucket. */
  readonly bucket: string;
  /** The CloudFront Function that is the router. */
  readonly function: string;
  /** The id of the CloudFront distribution; tells the site's address where `siteUrl` does not. */
  readonly distribution: string;
  /** Where viewers find the site, such as `https://plugins.example.com`; empty: the distribution's own name. */
  readonly siteUrl: string;
  /** The region of the bucket; empty: what the AWS SDK finds. */
  readonly region: string;
  /** Whether the bucket's name stands in the path, as S3 servers other than Amazon's often want. */
  readonly pathStyle: boolean;
  /** How many objects are on their way at once. */
  readonly concurrency: number;
  /** How long a deploy waits for the site to answer from the new snapshot, in seconds. */
  readonly probeSeconds: number;
  /** How long after a snapshot ceased to be live some edge may still ask for it, in minutes. */
  readonly edgeMinutes: number;
  /** How many snapshots a prune keeps. */
  readonly keep: number;
}

/** The settings of publishing, and their defaults. */
export const PUBLISH_SETTINGS = {
  dir: BUILD_FOLDER,
  bucket: text('bucket', 'MARKETPLACE_BUCKET', 'the name of an S3 bucket'),
  function: text('function', 'MARKETPLACE_FUNCTION', 'the name of a CloudFront Function'),
  distribution: text(
    'distribution',
    'MARKETPLACE_DISTRIBUTION',
    'the id of a CloudFront distribution',
  ),
  siteUrl: SITE_URL,
  region: text('region', 'MARKETPLACE_REGION', 'an AWS region'),
  pathStyle: { ...onOrOff('path-style', 'MARKETPLACE_PATH_STYLE'), fallback: false },
  concurrency: wholeNumber('concurrency', 'MARKETPLACE_CONCURRENCY', 64, 'objects'),
  probeSeconds: wholeNumber('probe-seconds', 'MARKETPLACE_PROBE_SECONDS', 300, 'seconds'),
  edgeMinutes: wholeNumber('edge-minutes', 'MARKETPLACE_EDGE_MINUTES', 60, 'minutes'),
  keep: wholeNumber('keep', 'MARKETPLACE_KEEP', 10, 'snapshots'),
} satisfies SettingTable<PublishSettings>;

/** The `options` of `parseArgs` for the settings of publishing, to be joined with a command's own. */
export const PUBLISH_FLAGS = {
  dir: { type: 'string' },
  out: { type: 'string' },
  bucket: { type: 'string' },
  function: { type: 'string' },
  distribution: { type: 'string' },
  'site-url': { type: 'string' },
  region: { type: 'string' },
  'path-style': { type: 'string' },
  concurrency: { type: 'string' },
  'probe-seconds': { type: 'string' },
  'edge-minutes': { type: 'string' },
  keep: { type: 'string' },
  config: { type: 'string' },
} as const;
