// Both nginx and the embedded server obey these limits.

/** Of the first line of a request and of each header, with the line break. */
export const MAX_LINE_BYTES = 16 * 1024;

/** How many lines of that length they may fill together. */
export const MAX_LINES = 4;
