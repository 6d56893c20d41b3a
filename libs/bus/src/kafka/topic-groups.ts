import type { TopicPartition } from '../port.ts';

export interface TopicGroup<R> {
  readonly topic: string;
  readonly partitions: R[];
}

/** Partitions below their topics, as every request has them. */
export function groupedByTopic<P extends TopicPartition, R>(
  places: readonly P[],
  of: (place: P) => R,
): TopicGroup<R>[] {
  const byTopic = new Map<string, TopicGroup<R>>();
  for (const place of places) {
    const group = byTopic.get(place.topic) ?? { topic: place.topic, partitions: [] };
    byTopic.set(place.topic, group);
    group.partitions.push(of(place));
  }
  return [...byTopic.values()];
}
