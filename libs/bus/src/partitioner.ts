/** Initial value and constants of the reference implementation in Apache Kafka, clients 0.10.2. */
const SEED = 0x9747b28c | 0;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

/** 32-bit murmur2 as Kafka's own default partitioner uses it (java `Utils.murmur2`). */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let index = 0; index < whole; index += 4) {
    let word =
      data[index]! | (data[index + 1]! << 8) | (data[index + 2]! << 16) | (data[index + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> SHIFT;
    word = Math.imul(word, MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  const rest = length - whole;
  if (rest > 2) hash ^= data[whole + 2]! << 16;
  if (rest > 1) hash ^= data[whole + 1]! << 8;
  if (rest > 0) hash = Math.imul(hash ^ data[whole]!, MULTIPLIER);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** Partition of a key, computed by us for every implementation so that all agree. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
}
