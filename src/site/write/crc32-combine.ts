/** Bit 31 is the coefficient of x^0, as everywhere in CRC-32: 1 is the highest bit, x^8 lies eight below. */
const ONE = 0x80000000;
const X_TO_THE_8 = 0x00800000;

/** The polynomial of CRC-32 without its x^32. */
const POLYNOMIAL = 0xedb88320;

/**
 * What appending so many bytes multiplies a CRC-32 with, for `combineCrc32`: x^(8 · sizeBytes), modulo the polynomial.
 * Worked out once for a text that is appended often.
 */
export function crc32Shift(sizeBytes: number): number {
  let shift = ONE;
  let power = X_TO_THE_8;
  for (let rest = sizeBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(shift, power);
    power = multiply(power, power);
  }
  return shift;
}

/**
 * The CRC-32 of two texts, one after the other, from those of each.
 *
 * @param shift `crc32Shift` of the second one's size
 */
export function combineCrc32(first: number, second: number, shift: number): number {
  return (multiply(first, shift) ^ second) >>> 0;
}

/** The product of two polynomials over GF(2), modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= shifted;
    shifted = (shifted >>> 1) ^ (shifted & 1 ? POLYNOMIAL : 0);
  }
  return product >>> 0;
}
