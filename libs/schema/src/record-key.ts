import { invariant } from '@cerberus/core';
import { type MessageByTopic, TOPICS, type TopicName } from './generated/topics.ts';

/** Record key as the topic table declares it: the key fields joined by `|`. */
export function recordKey<T extends TopicName>(topic: T, message: MessageByTopic[T]): string {
  const { key } = TOPICS[topic];
  invariant(key !== null, `topic ${topic} declares its key fields`);
  return key.map((field) => fieldText(topic, message, field)).join('|');
}

/** The text whose hash picks the partition. */
export function partitionKey<T extends TopicName>(topic: T, message: MessageByTopic[T]): string {
  const { partitionBy } = TOPICS[topic];
  invariant(partitionBy !== null, `topic ${topic} declares what it is partitioned by`);
  return fieldText(topic, message, partitionBy);
}

function fieldText(topic: string, message: object, field: string): string {
  const value = (message as Record<string, unknown>)[field];
  invariant(typeof value === 'string' && value !== '', `${topic}.${field} is a non-empty string`);
  return value;
}
