/*
 * CRC-32C (Castagnoli; RFC 3720, section 12.1), which record batches carry, eight bytes a step with a
 * table for each ("slicing-by-8": Kounavis and Berry, IEEE Transactions on Computers 57 (11), 2008).
 * Node.js has CRC-32 alone, and kafkajs goes byte by byte.
 */

/** Bits reversed, as its sums are. */
const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

/** Table k: the sum of a byte that k bytes of zero follow. */
const TABLES = tables();

/** Of the bytes from `from` to below `to`, unsigned. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let sum = -1;
  let at = from;
  for (; at + SLICES <= to; at += SLICES) {
    const first =
      sum ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    sum =
      TABLES[0x700 | (first & 0xff)]! ^
      TABLES[0x600 | ((first >>> 8) & 0xff)]! ^
      TABLES[0x500 | ((first >>> 16) & 0xff)]! ^
      TABLES[0x400 | (first >>> 24)]! ^
      TABLES[0x300 | bytes[at + 4]!]! ^
      TABLES[0x200 | bytes[at + 5]!]! ^
      TABLES[0x100 | bytes[at + 6]!]! ^
      TABLES[bytes[at + 7]!]!;
  }
  for (; at < to; at += 1) sum = TABLES[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

function tables(): Int32Array {
  const filled = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ ((sum & 1) * POLYNOMIAL);
    filled[byte] = sum;
  }
  for (let at = 256; at < filled.length; at += 1) {
    const shorter = filled[at - 256]!;
    filled[at] = (shorter >>> 8) ^ filled[shorter & 0xff]!;
  }
  return filled;
}
