/** The Base64 of what looks like a signature to whoever does not verify it: an OpenPGP packet of RSA with SHA-256. */
export const LIKE_A_SIGNATURE = Buffer.from([
  // The packet: version 4, of a binary file, RSA, SHA-256.
  ...[0xc2, 29, 4, 0, 1, 8],
  // Hashed: when it was made. Not hashed: which key made it.
  ...[0, 6, 5, 2, 0, 0, 0, 1, 0, 10, 9, 16, 1, 2, 3, 4, 5, 6, 7, 8],
  // The beginning of the digest, and a number of one bit.
  ...[0, 0, 0, 1, 1],
]).toString('base64');
