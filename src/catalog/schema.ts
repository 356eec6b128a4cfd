import { z } from 'zod';
import { MOST_ID_LENGTH } from '../mattermost/install/manifest-rules.ts';
import { matching, oneOf, optional, text, url, version, versionOrNothing } from './fields.ts';
import { DATE_TIME, isInCalendar } from './problems/date-time.ts';

// The one definition of a catalog entry: `check-entry.ts` validates with it, `json-schema.ts` makes the JSON Schema for
// editors of it, `fill-defaults.ts` takes its types.

/** `updated_at` of a release that has none: Go's zero time (docs/api.md, "The answer"). */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** The largest icon of a plugin. A server takes lists of any size, but waits for one only 30 s, and all icons are in it. */
export const MOST_ICON_BYTES = 256 * 1024;

/** Of that icon in base64, with the prefix of the data URL. */
export const MOST_ICON_LENGTH = Math.ceil(MOST_ICON_BYTES / 3) * 4 + 64;

const NOT_A_DATE_TIME =
  'is not a date and time — write it as in RFC 3339, such as 2024-05-17T14:42:33Z, in the years 1 to 9999';
const NOT_A_LABEL_NAME = 'is not the name of a label — write some text';

const manifest = z
  .looseObject(
    {
      id: matching(
        /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u,
        'is not a plugin id — write one without control characters and surrounding blanks, such as com.example.plugin',
      )
        .max(MOST_ID_LENGTH, {
          error: `is longer than servers install — write at most ${MOST_ID_LENGTH} characters`,
        })
        .meta({ title: 'Plugin id', description: 'The same for every release of the plugin.' }),
      version: version().meta({
        title: 'Version',
        description: 'A strict semantic version, such as 1.2.3 or 1.2.3-rc1; no "v".',
      }),
      name: optional(text(), 'Name', 'What people call the plugin. Lists are ordered by it.'),
      description: optional(
        text(),
        'Description',
        'A sentence or two. The text search looks here.',
      ),
      homepage_url: optional(url(), 'Home page', 'Where the plugin is described.'),
      support_url: optional(url(), 'Support', 'Where to report problems.'),
      release_notes_url: optional(url(), 'Release notes', 'What is new in this version.'),
      min_server_version: optional(
        versionOrNothing(),
        'Oldest Mattermost server',
        'Servers older than this never see the release. Empty: every server sees it.',
      ),
    },
    { error: 'is not an object — write the plugin.json here, with "id" and "version"' },
  )
  .meta({
    title: 'Manifest',
    description: 'The plugin.json of this version. It is answered exactly as it is here.',
  });

const bundle = z
  .looseObject(
    {
      download_url: optional(url(), 'Download', 'The bundle for this platform.'),
      signature: optional(text(), 'Signature', 'Base64 of the detached signature of this bundle.'),
    },
    { error: 'is not an object — write {"download_url": …, "signature": …}, or {}' },
  )
  .nullable()
  .meta({ title: 'Bundle', description: 'It counts only where both fields are filled in.' });

/**
 * The name of a platform: `linux-amd64`. The parts are a server's GOOS and GOARCH, which Go writes in lower-case
 * letters and digits; more than one dash leaves room for `linux-arm-v7`. There is no list of them: the catalog decides
 * which platforms are served. They stand in the names of files, so they are short.
 */
export const PLATFORM = matching(
  /^(?=.{3,60}$)[a-z0-9]+(-[a-z0-9]+)+$/,
  'is not a platform — name it os-arch in lower case and at most 60 characters, such as linux-amd64',
);

const platforms = z.record(PLATFORM, bundle, {
  error: 'is not an object — write bundles by platform, such as {"linux-amd64": {}}',
});

const label = z
  .looseObject(
    {
      name: z
        .string({ error: NOT_A_LABEL_NAME })
        .min(1, { error: NOT_A_LABEL_NAME })
        .meta({ title: 'Name', description: 'The text on the label.' }),
      description: optional(text(), 'Description', 'Shown to someone who points at the label.'),
      url: optional(url(), 'Link', 'Where a click on the label leads.'),
      color: optional(text(), 'Color', 'A CSS color, or empty for the usual one.'),
    },
    { error: 'is not an object — write {"name": …}' },
  )
  .meta({ title: 'Label', description: 'A word shown beside the plugin.' });

/** One entry of the catalog as people write it: `manifest.id` and `manifest.version` are required, unknown fields are kept. */
export const entrySchema = z
  .looseObject(
    {
      homepage_url: optional(url(), 'Home page', 'Where the plugin is described.'),
      icon_data: optional(
        matching(/^$|^data:image\//, 'is not an icon — write a data:image/… URL, or ""').max(
          MOST_ICON_LENGTH,
          {
            error: `is an icon of more than ${MOST_ICON_BYTES / 1024} kB, which every list would carry — make it smaller`,
          },
        ),
        'Icon',
        'The icon itself as a data URL, such as data:image/svg+xml;base64,…',
      ),
      download_url: optional(
        url(),
        'Download',
        'The bundle for every platform that has none of its own.',
      ),
      release_notes_url: optional(url(), 'Release notes', 'What is new in this version.'),
      hosting: optional(
        oneOf(['', 'on-prem', 'cloud'], 'a hosting'),
        'Hosting',
        'Which servers see the release: on-prem, cloud, or both when empty.',
      ),
      author_type: optional(
        oneOf(['', 'mattermost', 'partner', 'community'], 'an author type'),
        'Maintained by',
        'partner and community show a label.',
      ),
      release_stage: optional(
        oneOf(['', 'production', 'beta', 'experimental'], 'a release stage'),
        'Release stage',
        'beta and experimental show a label.',
      ),
      enterprise: optional(
        z.boolean({ error: 'is neither true nor false — write true or false without quotes' }),
        'Enterprise',
        'Whether the release needs a Professional or Enterprise subscription.',
        false,
      ),
      signature: optional(text(), 'Signature', 'Base64 of the detached signature of download_url.'),
      repo_name: optional(text(), 'Repository', 'Name of the repository the release comes from.'),
      labels: optional(
        z.array(label, { error: 'is not an array — write a list of labels, or []' }),
        'Labels',
        'Labels besides those that follow from the other fields.',
        [],
      ),
      manifest,
      platforms: optional(platforms, 'Platforms', 'Bundles by os-arch.', {}),
      updated_at: optional(
        matching(DATE_TIME, NOT_A_DATE_TIME).refine(isInCalendar, { error: NOT_A_DATE_TIME }),
        'Updated',
        'When the release was added or changed, as in RFC 3339.',
        ZERO_TIME,
      ),
    },
    { error: 'is not an object — write {"manifest": {"id": …, "version": …}}' },
  )
  .meta({ title: 'Release', description: 'One version of one plugin.' });

/** An entry that the schema accepts: known fields may be missing or `null`. */
export type Entry = z.input<typeof entrySchema>;
