import type { Bus, Offsets } from '../port.ts';

export interface LogTail {
  readonly offsets: Offsets;
  /** Whether records before it exist. */
  readonly omits: boolean;
}

/** Where to start so that about the last `records` of every partition are read. */
export async function tailOffsets(
  bus: Bus,
  topics: readonly string[],
  records: bigint,
): Promise<LogTail> {
  const ends = await bus.endOffsets(topics);
  return {
    offsets: ends.map(({ topic, partition, nextOffset }) => ({
      topic,
      partition,
      nextOffset: nextOffset > records ? nextOffset - records : 0n,
    })),
    omits: ends.some(({ nextOffset }) => nextOffset > records),
  };
}
