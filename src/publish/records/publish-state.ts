import { UserError } from '../../lib/errors.ts';
import type { Target } from '../aws/target.ts';
import { idOfRouter } from './object-keys.ts';
import { type PruneRecord, readPruneRecord } from './prune-record.ts';

/** The router that answers viewers. */
export interface LiveRouter {
  /** Of its snapshot; null if it is not ours, such as the placeholder of a new stack. */
  readonly id: string | null;
  readonly code: string;
  /** When it was published. */
  readonly at: Date;
}

/** What is published, as a command found it when it began. */
export interface PublishState {
  /** Of the last uploaded router: every change of the router changes it. */
  readonly etag: string;
  /** The snapshot of that router, whether it went live or not. */
  readonly claimedId: string | null;
  readonly live: LiveRouter;
  readonly prune: PruneRecord;
}

/** @throws {UserError} if there is no such function */
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
