import { UserError } from '../../lib/errors.ts';
import type { Target } from '../aws/target.ts';
import { idOfRouter } from './object-keys.ts';
import { type PruneRecord, readPruneRecord } from './prune-record.ts';

/** The router that viewers' requests go through. */
export interface LiveRouter {
  /** Of its snapshot; null for one that is none of ours, such as the placeholder of a new stack. */
  readonly id: string | null;
  readonly code: string;
  /** When it was published. */
  readonly at: Date;
}

/** What is published, as a command found it when it began. */
export interface PublishState {
  /** Of what was uploaded last: whoever changes the router next changes this too. */
  readonly etag: string;
  /** The snapshot that was to go live last, whether it did or not. */
  readonly claimedId: string | null;
  readonly live: LiveRouter;
  readonly prune: PruneRecord;
}

/**
 * Looks at what is published.
 *
 * @throws {UserError} where there is no such function
 */
export async function readPublishState({ bucket, edge }: Target): Promise<PublishState> {
  const [development, live, prune] = await Promise.all([
    edge.read('DEVELOPMENT'),
    edge.read('LIVE'),
    readPruneRecord(bucket),
  ]);
  if (development === undefined) {
    throw new UserError(
      `there is no function ${edge.name}: check --function, or create the stack of infra/ first`,
    );
  }
  return {
    etag: development.etag,
    claimedId: idOfRouter(development.code),
    live: {
      id: live === undefined ? null : idOfRouter(live.code),
      code: live?.code ?? '',
      at: live === undefined ? new Date(0) : await edge.publishedAt(),
    },
    prune,
  };
}
