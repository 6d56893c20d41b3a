import type { FollowOptions, TopicPartition } from '../port.ts';

/** Where a partition begins and ends. */
export interface Bounds extends TopicPartition {
  readonly low: bigint;
  readonly high: bigint;
}

export function place({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}

export function startOf(at: Bounds, from: FollowOptions['from']): bigint {
  if (from === 'beginning') return at.low;
  if (from === 'end') return at.high;
  const given = from.find((one) => one.topic === at.topic && one.partition === at.partition);
  return given === undefined || given.nextOffset < at.low ? at.low : given.nextOffset;
}
