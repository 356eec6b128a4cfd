import { randomUUID } from 'node:crypto';
import { UserError } from '../../lib/errors.ts';
import {
  type Bucket,
  type EdgeFunction,
  type FunctionUpload,
  newObject,
  type Stage,
  type StagedCode,
  toRecord,
} from '../aws/target.ts';
import { isBuildName } from '../records/object-keys.ts';
import { conditionFailed } from './folder.ts';
import { parsePointer } from './parse-pointer.ts';
import { type Ended, NO_FOLDER, READS, reasonOf, type Shell, WRITES } from './shell.ts';

/** The link that hosts follow to the live build. */
const CURRENT = 'current';

/** The last build that somebody meant to make live. */
const CLAIM = 'claim.json';

const CHANGED = 47;

/** Prints what the link names and when it was made, in UTC. */
const READ = `${READS}[ -L ${CURRENT} ] || exit 0
readlink ${CURRENT}
TZ=UTC stat -c %y ${CURRENT}`;

/** Makes the build `$1` live if the claim still has the digest `$2`. What dead commands were writing goes after a day. */
const PUBLISH = `${WRITES}sync
lock
[ "$(digest ${CLAIM})" = "$2" ] || exit ${CHANGED}
[ -L "$1/snapshots" ] || ln -s ../../snapshots "$1/snapshots"
ln -sfn -- "$1" .incoming/${CURRENT}
mv -fT -- .incoming/${CURRENT} ${CURRENT}
sync
find .incoming -type f -mtime +0 ! -name lock -exec rm -f {} +`;

/** The pointer of a folder: a link, which is replaced by a renaming. */
export class FolderPointer implements EdgeFunction {
  readonly name = CURRENT;
  readonly #shell: Shell;
  readonly #bucket: Bucket;

  constructor(shell: Shell, bucket: Bucket) {
    this.#shell = shell;
    this.#bucket = bucket;
  }

  async read(stage: Stage): Promise<StagedCode | undefined> {
    if (stage === 'LIVE') {
      const { code } = await this.#readLink();
      return { code, etag: code };
    }
    const stored = await this.#bucket.get(CLAIM);
    if (stored === undefined) return { code: '', etag: '' };
    const label = `${this.#bucket.address}/${CLAIM}`;
    return { code: parsePointer(stored.body.toString(), label).build, etag: stored.etag };
  }

  async publishedAt(): Promise<Date> {
    return (await this.#readLink()).at;
  }

  async update({ code }: FunctionUpload, etag: string): Promise<string> {
    // Never the same twice: its digest is the condition of the next one.
    const body = toRecord({ build: code, claim: randomUUID() });
    return await this.#bucket.put(newObject(CLAIM, 'application/json', body), body, etag || null);
  }

  async publish(etag: string): Promise<void> {
    const claim = await this.read('DEVELOPMENT');
    if (claim?.etag !== etag) throw conditionFailed(CLAIM);
    const ended = await this.#shell.run(PUBLISH, [claim.code, etag]);
    if (ended.code === CHANGED) throw conditionFailed(CLAIM);
    if (ended.code !== 0) throw this.#failed(ended, 'replace');
  }

  async #readLink(): Promise<{ readonly code: string; readonly at: Date }> {
    const ended = await this.#shell.run(READ);
    if (ended.code !== 0 && ended.code !== NO_FOLDER) throw this.#failed(ended, 'read');
    const [code = '', time = ''] = ended.stdout.toString().split('\n');
    const [, day, clock, fraction = ''] = /^(\S+) ([\d:]{8})(\.\d{1,3})?/.exec(time) ?? [];
    if (code === '') return { code, at: new Date(0) };
    if (!isBuildName(code)) {
      throw new UserError(
        `${this.#shell.address}/${CURRENT} leads to ${code}, which no deploy made: name another folder, or remove the link`,
      );
    }
    return { code, at: new Date(`${day}T${clock}${fraction}Z`) };
  }

  #failed(ended: Ended, what: string): UserError {
    return new UserError(
      `${this.#shell.address}/${CURRENT}: cannot ${what} it, ${reasonOf(ended)}`,
    );
  }
}
