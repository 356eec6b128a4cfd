import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import {
  type Bucket,
  type ListedObject,
  MOST_REMOVED,
  type NewObject,
  type StoredFile,
  type StoredObject,
  type Transfer,
} from '../aws/target.ts';
import { type Ended, NO_FOLDER, READS, reasonOf, type Shell, WRITES } from './shell.ts';

/** Brings files of a build, by their paths there, below a prefix of the folder: whole under their keys, or not at all. */
export type Send = (
  dir: string,
  files: readonly StoredFile[],
  onStored: (file: StoredFile) => void,
) => Promise<void>;

/** Exit codes of the scripts. */
const MISSING = 44;
const TOO_LARGE = 45;
const DAMAGED = 46;
const CHANGED = 47;

/** Manifests and records are read; the largest manifests have some 30 MB. */
const MOST_BYTES = 256 * 2 ** 20;

const LIST = `${READS}[ -d "$1" ] || exit 0
find "$1" ! -type d -exec stat -c '%s %Y %n' {} +`;

const LIST_FOLDERS = `${READS}[ -d "$1" ] || exit 0
for folder in "$1"*/; do [ ! -d "$folder" ] || printf '%s\\n' "$folder"; done`;

const GET = `${READS}[ -e "$1" ] || exit ${MISSING}
[ "$(stat -L -c %s -- "$1")" -le "$2" ] || exit ${TOO_LARGE}
exec cat -- "$1"`;

/** Key, digest, and the condition: the digest that the object has, nothing for none, `any`. */
const PUT = `${WRITES}new=.incoming/$2.$$
trap 'rm -f -- "$new"' EXIT
cat > "$new"
[ "$(digest "$new")" = "$2" ] || exit ${DAMAGED}
flush "$new"
case $1 in */*) mkdir -p -- "\${1%/*}";; esac
if [ "$3" != any ]; then lock; [ "$(digest "$1")" = "$3" ] || exit ${CHANGED}; fi
mv -f -- "$new" "$1"`;

/** Pairs of keys on standard input, one a line. A snapshot never changes, so two can share a file. Prints where that failed. */
const LINK = `${WRITES}while IFS= read -r from && IFS= read -r to; do
  [ -d "\${to%/*}" ] || mkdir -p -- "\${to%/*}"
  ln -f -- "$from" "$to" 2>/dev/null || printf '%s\\n' "$to"
done`;

const DIGESTS = `${READS}xargs -0 sha256sum -- 2>/dev/null || true`;

/** The folders that may be empty then are the parameters. */
const REMOVE = `${READS}xargs -0 rm -f --
for folder; do [ ! -d "$folder" ] || find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true; done`;

/** A folder that hosts read, as a bucket. An ETag is the digest of a file. */
export class Folder implements Bucket {
  readonly address: string;
  readonly #shell: Shell;
  readonly #send: Send;

  constructor(shell: Shell, send: Send) {
    this.address = shell.address;
    this.#shell = shell;
    this.#send = send;
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const lines = await this.#lines(LIST, prefix.replace(/\/$/, ''));
    const objects = lines.map((line) => {
      const [, size, seconds, key = ''] = /^(\d+) (-?\d+) (.*)$/.exec(line) ?? [];
      return { key, sizeBytes: Number(size), modifiedAt: new Date(Number(seconds) * 1000) };
    });
    return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async listFolders(prefix: string): Promise<string[]> {
    return (await this.#lines(LIST_FOLDERS, prefix)).sort();
  }

  async get(key: string, mostBytes = MOST_BYTES): Promise<StoredObject | undefined> {
    const ended = await this.#shell.run(GET, [key, String(mostBytes)]);
    const { code, stdout: body } = ended;
    if (code === 0) return { body, etag: digestOf(body) };
    if (code === MISSING || code === NO_FOLDER) return undefined;
    if (code !== TOO_LARGE) throw this.#failed(ended, `read ${key}`);
    throw new UserError(
      `${this.address}/${key} has more than ${mostBytes} bytes, the most that is published there: look at it`,
    );
  }

  async put({ key, sha256 }: NewObject, body: Buffer, expected?: string | null): Promise<string> {
    const condition = expected === undefined ? 'any' : (expected ?? '');
    const ended = await this.#shell.run(PUT, [key, sha256, condition], body);
    if (ended.code === 0) return sha256;
    if (ended.code === CHANGED) throw conditionFailed(key);
    throw this.#failed(ended, `write ${key}`);
  }

  async copy(fromKey: string, { key, sha256 }: NewObject): Promise<boolean> {
    return (
      (await this.#link([[fromKey, key]])).length === 0 &&
      (await this.digests([key])).get(key) === sha256
    );
  }

  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length > MOST_REMOVED) throw new Error(`more than ${MOST_REMOVED} objects`);
    const folders = keys.map((key) => key.split('/').slice(0, 2).join('/'));
    const ended = await this.#shell.run(REMOVE, [...new Set(folders)], toList(keys));
    if (ended.code !== 0 && ended.code !== NO_FOLDER) throw this.#failed(ended, 'remove files');
  }

  async send(
    dir: string,
    transfers: readonly Transfer[],
    onStored: (file: StoredFile) => void,
  ): Promise<void> {
    const copied = transfers.flatMap(({ file, from }) => (from ? [[from, file.key] as const] : []));
    const failed = new Set(copied.length > 0 ? await this.#link(copied) : []);
    const isLinked = ({ file, from }: Transfer) => from !== undefined && !failed.has(file.key);
    for (const transfer of transfers) if (isLinked(transfer)) onStored(transfer.file);
    const files = transfers.filter((transfer) => !isLinked(transfer)).map(({ file }) => file);
    if (files.length > 0) await this.#send(dir, files, onStored);
  }

  async digests(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { code, stdout, stderr } = await this.#shell.run(DIGESTS, [], toList(keys));
    if (code !== 0 && code !== NO_FOLDER) {
      throw this.#failed({ code, stdout, stderr }, 'read the files');
    }
    return new Map(toLines(stdout).map(readDigest));
  }

  /** Returns the keys at which that failed. */
  async #link(pairs: readonly (readonly [string, string])[]): Promise<string[]> {
    const input = pairs.map(([from, to]) => `${from}\n${to}\n`).join('');
    const ended = await this.#shell.run(LINK, [], input);
    if (ended.code === 0 || (ended.code === 1 && ended.stderr === '')) return toLines(ended.stdout);
    throw this.#failed(ended, 'link files');
  }

  async #lines(script: string, prefix: string): Promise<string[]> {
    const ended = await this.#shell.run(script, [prefix]);
    if (ended.code === NO_FOLDER) return [];
    if (ended.code !== 0) throw this.#failed(ended, `list ${prefix}`);
    return toLines(ended.stdout);
  }

  #failed(ended: Ended, what: string): UserError {
    return new UserError(`${this.address}: cannot ${what}, ${reasonOf(ended)}`);
  }
}

/** As the SDK says that somebody else was faster. */
export function conditionFailed(key: string): Error {
  return Object.assign(new Error(`${key} was changed`), { name: 'PreconditionFailed' });
}

/** A line of `sha256sum`, which escapes keys with a backslash. */
function readDigest(line: string): [key: string, digest: string] {
  if (!line.startsWith('\\')) return [line.slice(66), line.slice(0, 64)];
  return [line.slice(67).replaceAll('\\\\', '\\'), line.slice(1, 65)];
}

const toList = (keys: readonly string[]) => keys.map((key) => `${key}\0`).join('');

const toLines = (stdout: Buffer) =>
  stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '');
