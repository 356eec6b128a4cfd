/** Why an archive is not to be trusted; the message completes `the bundle …`. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}
