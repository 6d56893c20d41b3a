import type { HostContext } from '@cerberus/runtime';
import type { Codecs, MessageByTopic, TopicName } from '@cerberus/schema';
import { recordKey, TOPICS, partitionKey as topicPartitionKey } from '@cerberus/schema';
import type { IncomingRecord, OutgoingRecord } from '../port.ts';

/** What the readers and writers of this library take from the host of a service. */
export type BusHost = Pick<HostContext, 'clock' | 'log' | 'metrics' | 'tracing' | 'supervisor'>;

/** A decoded record; `topic` tells which message it is. */
export type InputOf<T extends TopicName> = {
  [Topic in T]: {
    readonly topic: Topic;
    readonly message: MessageByTopic[Topic];
    readonly record: IncomingRecord;
  };
}[T];

export interface OutgoingOptions {
  /** For topics whose key the producing service chooses, or to override the declared one. */
  readonly key?: string;
  readonly partitionKey?: string;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A message as the record to send: key and partition key as the topic table declares them. */
export function outgoingRecord<T extends TopicName>(
  codecs: Codecs,
  message: { readonly topic: T; readonly value: MessageByTopic[T] },
  options: OutgoingOptions = {},
): OutgoingRecord {
  const { topic, value } = message;
  const spread = options.partitionKey ?? declaredPartitionKey(topic, value);
  return {
    topic,
    key: options.key ?? recordKey(topic, value),
    value: codecs.encode(topic, value),
    ...(spread === undefined ? {} : { partitionKey: spread }),
    ...(options.partition === undefined ? {} : { partition: options.partition }),
    ...(options.headers === undefined ? {} : { headers: options.headers }),
  };
}

function declaredPartitionKey<T extends TopicName>(
  topic: T,
  value: MessageByTopic[T],
): string | undefined {
  return TOPICS[topic].partitionBy === null ? undefined : topicPartitionKey(topic, value);
}
