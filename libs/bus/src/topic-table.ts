import { invariant } from '@cerberus/core';
import { BUS_ERRORS, busError } from './errors.ts';
import { partitionOf } from './partitioner.ts';
import { DEAD_LETTER_SUFFIX, type OutgoingRecord, type TopicSpec } from './port.ts';

/** Dead letters are kept long enough for a person to come back from a holiday. */
const DEAD_LETTER_RETENTION_HOURS = 30 * 24;

/** Declared topics, each with the topic of its dead letters. */
export class TopicTable {
  readonly #specs: ReadonlyMap<string, TopicSpec>;

  constructor(specs: Iterable<TopicSpec>) {
    const table = new Map<string, TopicSpec>();
    for (const spec of specs) {
      invariant(!table.has(spec.name), `topic ${spec.name} is declared once`);
      invariant(spec.partitions > 0, `topic ${spec.name} has a partition`);
      table.set(spec.name, spec);
      const letters = deadLetterSpec(spec);
      if (letters !== undefined) table.set(letters.name, letters);
    }
    this.#specs = table;
  }

  get(topic: string): TopicSpec {
    const spec = this.#specs.get(topic);
    if (spec === undefined) throw busError(BUS_ERRORS.TOPIC_UNKNOWN, { path: topic });
    return spec;
  }

  names(): string[] {
    return [...this.#specs.keys()];
  }

  all(): TopicSpec[] {
    return [...this.#specs.values()];
  }

  partition(record: OutgoingRecord): number {
    const { partitions } = this.get(record.topic);
    if (record.partition === undefined) {
      return partitionOf(record.partitionKey ?? record.key, partitions);
    }
    invariant(
      Number.isInteger(record.partition) && record.partition >= 0 && record.partition < partitions,
      `partition ${record.partition} is one of the ${partitions} of ${record.topic}`,
    );
    return record.partition;
  }
}

export function deadLetterTopic(topic: string): string {
  return `${topic}${DEAD_LETTER_SUFFIX}`;
}

/** Same partition count as its topic, so that a letter keeps its partition; always a ledger. */
export function deadLetterSpec(spec: TopicSpec): TopicSpec | undefined {
  if (spec.name.endsWith(DEAD_LETTER_SUFFIX)) return undefined;
  return {
    name: deadLetterTopic(spec.name),
    class: 'ledger',
    partitions: spec.partitions,
    cleanup: 'delete',
    retentionHours: DEAD_LETTER_RETENTION_HOURS,
    conflate: false,
  };
}
