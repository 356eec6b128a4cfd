// Edge dialect: this file is part of the router.

/**
 * The axes beside server version and platform, in the order of the bits of a row: what their values are called, where the
 * parameter is false and where it is true. What they mean is in `query/axes.ts`.
 */
export const AXIS_WORDS = [
  ['team', 'enterprise'],
  ['on-prem', 'cloud'],
];
