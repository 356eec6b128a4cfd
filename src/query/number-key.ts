// Edge dialect: this file is part of the router.

/** A key for a number in decimal digits without leading zeros, such that keys compare as numbers of any size do. */
export function numberKey(digits: string): string {
  return String.fromCharCode(64 + digits.length) + digits;
}
