export { EmbeddedBus, type EmbeddedBusOptions } from './embedded/embedded-bus.ts';
export { BUS_ERRORS, busError, isFenced } from './errors.ts';
export { murmur2, partitionOf } from './partitioner.ts';
export {
  type Batch,
  type Bus,
  type Commit,
  DEAD_LETTER_SUFFIX,
  type Follower,
  type FollowOptions,
  type GroupOffsets,
  type GroupOptions,
  type IncomingRecord,
  type Offsets,
  type OutgoingRecord,
  type Position,
  type StreamProducer,
  type Subscription,
  type TopicPartition,
  type TopicSpec,
  type TransactionalProducer,
} from './port.ts';
export { deadLetterSpec, deadLetterTopic, TopicTable } from './topic-table.ts';
