/** One request as the access log tells it. */
export interface Access {
  /** When it was answered. */
  readonly at: Date;
  readonly address: string | undefined;
  readonly method: string;
  /** As sent, already in printable ASCII. */
  readonly target: string;
  readonly status: number;
  /** Of the body; undefined where the client left before it had it all. */
  readonly bodyBytes: number | undefined;
  readonly durationMs: number;
  /** The file of the site that was served. */
  readonly path: string | undefined;
}

/**
 * A line of the access log; `-` stands for what is not known:
 * `2024-10-01T12:00:00.000Z 127.0.0.1 GET /api/v1/labels 200 912 0.4 snapshots/…/labels.json`
 */
export function formatAccess(access: Access): string {
  return [
    access.at.toISOString(),
    access.address ?? '-',
    access.method,
    access.target,
    access.status,
    access.bodyBytes ?? '-',
    access.durationMs.toFixed(1),
    access.path ?? '-',
  ].join(' ');
}
