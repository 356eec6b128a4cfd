import {
  NOTICES_FILE,
  type Notice,
  nameTarget,
  parseNotices,
} from '../../../src/catalog/notices/notice.ts';
import { besideCatalog } from '../../../src/catalog/notices/read-notices.ts';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import {
  addNotice,
  parseTarget,
  removeNotice,
} from '../../../src/curation/notices/change-notices.ts';
import {
  type EditableNotices,
  openNotices,
  saveNotices,
} from '../../../src/curation/notices/notice-file.ts';
import { UsageError, UserError } from '../../../src/lib/errors.ts';
import { CATALOG_SETTINGS } from '../../../src/settings/catalog-settings.ts';
import { keptReleases } from '../../../src/upstream/read-upstream.ts';
import type { CommandContext } from '../../cli/command.ts';

/** What the three commands have in common. */
export const COMMON = {
  operands: 'ID[@RANGE]',
  operandsRemedy:
    "name one plugin, and its versions unless all are meant: jira, jira@4.1.0 or 'jira@<4.1.2'",
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog'],
} as const;

export const REASON = { value: 'url', help: 'the page that says why, to which labels lead' };
export const UNDO = { help: 'take such a notice back' };

export const NOTES = `The notice is kept in ${NOTICES_FILE}, beside the catalog, which stays as it is. RANGE is a range of versions as npm has them, and
pre-releases are in it, too.`;

interface Input {
  readonly operands: readonly string[];
  readonly settings: { readonly catalog: readonly string[] };
  readonly flags: {
    readonly reason: string | undefined;
    readonly undo: boolean;
    readonly severity?: string | undefined;
    readonly fixedIn?: string | undefined;
    readonly title?: string | undefined;
  };
}

/** Gives a notice, or takes it back. */
export async function changeNotices(
  kind: Notice['kind'],
  { operands: [operand = ''], settings, flags }: Input,
  { cwd, now, print }: CommandContext,
): Promise<void> {
  const target = parseTarget(operand);
  const { severity, fixedIn: fixed_in, title, reason } = flags;
  const own = Object.entries({ severity, title, fixed_in }).filter(
    ([, text]) => text !== undefined,
  );
  if (flags.undo) {
    const { file, ...opened } = await open(settings.catalog, cwd);
    await saveNotices({ file, ...opened }, removeNotice(opened.notices, kind, target, reason));
    print(`${nameTarget(target)}: the notice is gone from ${file}\n`);
    return;
  }
  const notice = toNotice({
    ...target,
    kind,
    ...Object.fromEntries(own),
    reason: reason ?? '',
    date: now().toISOString(),
  });
  const opened = await open(settings.catalog, cwd);
  const { byFile } = await readCatalog(settings.catalog, { cwd });
  const releases = [...byFile.flatMap((one) => one.releases), ...(await keptReleases(cwd))];
  const { notices, versions } = addNotice(opened.notices, notice, releases);
  await saveNotices(opened, notices);
  print(`${kind}, in ${opened.file} now: ${notice.plugin} ${versions.join(', ')}\n`);
}

/** The file beside the catalog. */
async function open(patterns: readonly string[], cwd: string): Promise<EditableNotices> {
  const { files } = await readCatalog(patterns, { cwd });
  const [file = NOTICES_FILE, ...others] = new Set(files.map(besideCatalog));
  if (others.length === 0) return await openNotices(file, cwd);
  throw new UserError(`the catalog is in several folders: name the files of one with --catalog`);
}

const FLAG_OF: Readonly<Record<string, string>> = {
  plugin: 'ID',
  versions: 'RANGE',
  fixed_in: '--fixed-in',
};

/** @throws {UsageError} with everything that cannot be taken */
function toNotice(notice: object): Notice {
  const { notices, problems } = parseNotices(JSON.stringify([notice]), '');
  const [checked] = notices;
  if (checked !== undefined) return checked;
  throw new UsageError(
    problems
      .map(({ path = '', found, message }) => {
        const field = path.replace(/^\[0\]\.?/, '');
        return `${FLAG_OF[field] ?? `--${field}`} ${found} ${message}`;
      })
      .join('; '),
  );
}
