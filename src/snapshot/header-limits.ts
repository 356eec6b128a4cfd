// The same wherever requests are taken from the network: nginx by its configuration, the embedded server by itself.

/** How long the first line of a request, and each of its headers, may be, in bytes with the line break. */
export const MAX_LINE_BYTES = 16 * 1024;

/** How many of such lines all of them may fill. */
export const MAX_LINES = 4;
