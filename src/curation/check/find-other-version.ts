import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { type JsonPath, valueAt } from '../../lib/json/finding.ts';

/** Three numbers in a URL, and what follows them as a mark of a pre-release. More numbers are something else. */
const NAMED_VERSION =
  /(?<![\d.])(\d+\.\d+\.\d+)(?!\.?\d)(?:[-_.+~]?((?:alpha|beta|rc|pre|dev)[-.]?\d*(?![a-z])))?/gi;

/** A version as far as URLs name it. */
interface NamedVersion {
  readonly numbers: string;
  /** Such as `rc1`; empty if there is none. */
  readonly mark: string;
}

/** Bundles and release notes whose URL names another version than that of their release: entries are often copied. */
export function findOtherVersion(located: LocatedRelease): Problem[] {
  const { release } = located;
  const own = versionsIn(release.manifest.version)[0];
  if (own === undefined) return [];
  const bundles: JsonPath[] = [
    ['download_url'],
    ...Object.keys(release.platforms).map((platform) => ['platforms', platform, 'download_url']),
  ];
  const notes: JsonPath[] = [['release_notes_url'], ['manifest', 'release_notes_url']];
  return [
    ...bundles.flatMap((path) => judge(located, path, own, 'other-version-download')),
    ...notes.flatMap((path) => judge(located, path, own, 'other-version-notes')),
  ];
}

function judge(
  located: LocatedRelease,
  path: JsonPath,
  own: NamedVersion,
  check: 'other-version-download' | 'other-version-notes',
): Problem[] {
  const named = versionsNamedBy(valueAt(located.release, path));
  const isBundle = check === 'other-version-download';
  // The notes of a pre-release may be those of the release that it leads to.
  const isOwn = ({ numbers, mark }: NamedVersion) =>
    numbers === own.numbers && (mark === own.mark || (!isBundle && mark === ''));
  const [first] = named;
  if (first === undefined || named.some(isOwn)) return [];
  const version = first.mark === '' ? first.numbers : `${first.numbers}-${first.mark}`;
  return [
    problemAt(located, path, {
      level: 'warning',
      check,
      message: `names version ${version}, and the release is ${located.release.manifest.version}`,
      remedy: `check that it is the ${isBundle ? 'bundle' : 'page'} of this version`,
    }),
  ];
}

/** The file name in a URL, or else the rest of the URL; a host names no version. */
function versionsNamedBy(url: unknown): NamedVersion[] {
  if (typeof url !== 'string') return [];
  const [, address = ''] = /^https?:\/\/[^/?#]*(.*)$/i.exec(url) ?? [];
  const [, file = ''] = /([^/?#]*)(?:[?#].*)?$/.exec(address) ?? [];
  const ofFile = versionsIn(file);
  return ofFile.length > 0 ? ofFile : versionsIn(address);
}

function versionsIn(text: string): NamedVersion[] {
  return [...text.matchAll(NAMED_VERSION)].map(([, numbers = '', mark = '']) => ({
    numbers,
    mark: mark.toLowerCase().replace(/[-.]/g, ''),
  }));
}
