// Edge dialect: this file is part of the router.

/**
 * A key for a number in decimal digits without leading zeros, such that keys compare as numbers do; beyond 100 digits only
 * with shorter ones.
 */
export const numberKey = (digits: string): string =>
  String.fromCharCode(64 + Math.min(digits.length, 100)) + digits;
