// Edge dialect: this file is part of the router.
import { digit } from '../table/digit.ts';

/**
 * A key for a number in decimal digits without leading zeros, such that keys compare as numbers do; beyond 100 digits only
 * with shorter ones.
 */
export const numberKey = (digits: string): string =>
  digit(24 + Math.min(digits.length, 100)) + digits;
